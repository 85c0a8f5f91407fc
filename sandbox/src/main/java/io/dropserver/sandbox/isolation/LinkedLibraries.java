package io.dropserver.sandbox.isolation;

import io.dropserver.sandbox.SandboxException;
import io.dropserver.state.condition.SandboxReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Copies the libraries that Deno is linked with into a separate folder. Mounting a whole library
 * folder of the host would reveal the host's installed software and provide code for exploits.
 * Mounting each file separately would add a quarter of a millisecond per file to each start.
 */
final class LinkedLibraries {
  private static final List<String> FOLDERS =
      List.of(
          "/lib64",
          "/usr/lib64",
          "/lib/x86_64-linux-gnu",
          "/usr/lib/x86_64-linux-gnu",
          "/lib",
          "/lib/aarch64-linux-gnu",
          "/usr/lib/aarch64-linux-gnu");

  /**
   * The libraries that {@code readelf -d} reports for Deno, and the loaders of the architectures
   * that Deno supports.
   */
  private static final List<String> NAMES =
      List.of(
          "libdl.so.2",
          "libgcc_s.so.1",
          "librt.so.1",
          "libpthread.so.0",
          "libm.so.6",
          "libc.so.6",
          "ld-linux-x86-64.so.2",
          "ld-linux-aarch64.so.1");

  private static final Set<PosixFilePermission> READABLE =
      PosixFilePermissions.fromString("rwxr-xr-x");

  private LinkedLibraries() {}

  /**
   * Copies each library to the path where the loader looks for it. Existing copies of an earlier
   * call are kept.
   *
   * @param folder owned by the server; is created and made readable for every sandbox user
   */
  static List<Bind> copyTo(Path folder) {
    try {
      SortedSet<Path> tops = new TreeSet<>();
      for (Path file : NAMES.stream().flatMap(LinkedLibraries::find).toList()) {
        Path top = file.getRoot().resolve(file.getName(0));
        copy(file, inside(folder, file));
        makeReadable(folder, inside(folder, file));
        tops.add(top);
      }
      return tops.stream().map(top -> Bind.readOnly(inside(folder, top), top.toString())).toList();
    } catch (IOException e) {
      throw new SandboxException(
          SandboxReason.LAUNCH_FAILED, "cannot copy Deno's libraries to " + folder + ": " + e, e);
    }
  }

  private static Path inside(Path folder, Path file) {
    return folder.resolve(file.getRoot().relativize(file));
  }

  private static void copy(Path file, Path copy) throws IOException {
    if (Files.exists(copy)) {
      return;
    }
    Path parent = copy.resolveSibling("");
    Files.createDirectories(parent);
    Path temporary = parent.resolve(copy.getFileName() + ".new");
    Files.copy(file, temporary, StandardCopyOption.REPLACE_EXISTING);
    Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("r-xr-xr-x"));
    Files.move(temporary, copy, StandardCopyOption.ATOMIC_MOVE);
  }

  /** Makes the folders from {@code top} to the copy readable, regardless of the umask. */
  private static void makeReadable(Path top, Path copy) throws IOException {
    Path folder = copy.resolveSibling("");
    while (folder.startsWith(top)) {
      Files.setPosixFilePermissions(folder, READABLE);
      folder = folder.resolveSibling("");
    }
  }

  private static Stream<Path> find(String name) {
    return FOLDERS.stream()
        .map(folder -> Path.of(folder, name))
        .filter(Files::isRegularFile)
        .limit(1);
  }
}
