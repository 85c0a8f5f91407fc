package io.dropserver.sandbox.isolation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The server's own classes may be in a folder that its mount namespace covers. */
class LauncherClassesTest {
  @TempDir private Path closed;

  @Test
  @Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void classesInAClosedFolderAreFoundAfterItIsCovered() throws Exception {
    assumeTrue(Files.getOwner(closed).getName().equals("root"), "only root has a view of its own");
    Path compiled =
        Path.of(Launcher.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    Path classes = copy(compiled, Files.createDirectory(closed.resolve("classes")));
    Path needed = Files.createDirectory(closed.resolve("needed"));
    SeccompFilter.writeTo(needed.resolve("seccomp.bpf"));
    Files.setPosixFilePermissions(needed, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("rwx------"));
    try (Copies copies = new Copies(classes)) {
      Class<?> type = copies.loadClass(Launcher.class.getName());
      assertThat(type).isNotSameAs(Launcher.class);
      Object programs = copies.loadClass(Programs.class.getName()).getMethod("find").invoke(null);
      try (AutoCloseable launcher =
          (AutoCloseable)
              type.getConstructor(programs.getClass(), Path.class, List.class)
                  .newInstance(programs, needed.resolve("seccomp.bpf"), List.of(needed))) {
        var prepare = type.getDeclaredMethod("prepare", Optional.class);
        prepare.setAccessible(true);
        try (AutoCloseable shell = (AutoCloseable) prepare.invoke(launcher, Optional.empty())) {
          assertThat(shell).isNotNull();
        }
      }
    }
  }

  private static Path copy(Path from, Path to) throws IOException {
    assumeTrue(Files.isDirectory(from), "the classes come from a jar, which stays open");
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : (Iterable<Path>) files.skip(1)::iterator) {
        Files.copy(file, to.resolve(from.relativize(file)));
      }
    }
    return to;
  }

  /** Loads another copy of the sandbox module's classes. */
  private static final class Copies extends URLClassLoader {
    Copies(Path classes) throws IOException {
      super(new URL[] {classes.toUri().toURL()}, LauncherClassesTest.class.getClassLoader());
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      synchronized (getClassLoadingLock(name)) {
        if (!name.startsWith("io.dropserver.sandbox.")) {
          return super.loadClass(name, resolve);
        }
        Class<?> known = findLoadedClass(name);
        return known != null ? known : findClass(name);
      }
    }
  }
}
