package io.dropserver.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Other users of the machine cannot read anything in the state folder, regardless of the umask. */
class StateModesTest {
  @TempDir private Path folder;

  /** Paths that sandboxes, which run as other users, need to traverse or to read. */
  private static final List<String> READABLE =
      List.of(
          "rwx--x--x |data|apps|run",
          "rwx--x--x data/[^/]+",
          "rwx--x--x apps/.tmp|apps/[^/]+|apps/[^/]+/[^/]+",
          "r-xr-xr-x apps/[^/]+/[^/]+/.+",
          "r--r--r-- apps/[^/]+/[^/]+/.+",
          "rwx--x--x run/s[0-9]+",
          "rwxr-xr-x run/s[0-9]+/host",
          // The root file system of every sandbox: libraries, the runtime and device nodes.
          "rwxr-xr-x run/system(/.+)?",
          "rw-r--r-- run/system/.+",
          "r--r--r-- run/system/.+",
          "r-xr-xr-x run/system/.+",
          "rw-rw-rw- run/system/dev/[a-z]+");

  @Test
  void aUmaskOfZeroGivesOtherUsersNoAccess() throws Exception {
    prepare();
    try (LiveInstance instance = LiveInstance.tiny(folder)) {
      instance.startWithUmask("000");
      serve(instance, "1.0.0");
      backUp(instance);
      serve(instance, "2.0.0");
      assertThat(tooOpen(instance.state())).isEmpty();
    }
  }

  @Test
  void aStartCorrectsModesLeftByAnEarlierVersion() throws Exception {
    prepare();
    try (LiveInstance instance = LiveInstance.tiny(folder)) {
      instance.startWithUmask("022");
      serve(instance, "1.0.0");
      backUp(instance);
      Path state = instance.state();
      assertThat(tooOpen(state)).isEmpty();
      instance.server().stop();
      List<Path> opened = new ArrayList<>(List.of(state, state.resolve("data")));
      opened.addAll(List.of(state.resolve("state.db"), state.resolve("backups")));
      try (Stream<Path> repository = Files.walk(state.resolve("repo.git"))) {
        repository.forEach(opened::add);
      }
      for (Path path : opened) {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxrwxrwx"));
      }
      assertThat(tooOpen(state)).hasSize(opened.size());
      CommandLineProgram doctor = doctor(state);
      assertThat(doctor.out())
          .contains("other users", state.resolve("state.db").toString(), "restart the server");

      instance.startWithUmask("022");
      assertThat(tooOpen(state)).isEmpty();
      assertThat(doctor(state).out())
          .contains(
              "only its owner can read " + state,
              "server: runs with " + state + ", and provides the layers below",
              "layer seccomp: ");
      assertThat(instance.get("one", "/").body()).as(instance.log()).isEqualTo("version 1.0.0");
    }
  }

  private void prepare() throws IOException {
    assumeTrue(
        Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid")),
        "only root gives sandboxes users of their own");
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
  }

  private static CommandLineProgram doctor(Path state) throws Exception {
    return CommandLineProgram.run("doctor", "--state", state.toString());
  }

  private static void serve(LiveInstance instance, String version) throws Exception {
    instance
        .repository()
        .write("appspaces/one.yaml", MinimalInstance.appspace("one", version, false, 128))
        .push("Version " + version);
    assertThat(instance.sync().served()).as(instance.log()).isTrue();
    assertThat(instance.get("one", "/").body()).as(instance.log()).isEqualTo("version " + version);
  }

  private static void backUp(LiveInstance instance) throws Exception {
    CommandLineProgram backup =
        CommandLineProgram.run("backup", "now", "--state", instance.state().toString());
    assertThat(backup.exitCode()).as(backup.err()).isZero();
  }

  /**
   * Returns the paths to which other users have too much access, with their modes. The data of apps
   * and their mirrors are excluded, because they are behind a folder with mode 0700.
   */
  private static List<String> tooOpen(Path state) throws IOException {
    try (Stream<Path> all = Files.walk(state)) {
      return all.filter(path -> !isDataOfAnApp(state.relativize(path)))
          .map(path -> describe(state, path))
          .filter(entry -> !isAllowed(entry))
          .toList();
    } catch (UncheckedIOException gone) {
      if (gone.getCause() instanceof NoSuchFileException) {
        return tooOpen(state); // a running server removes files
      }
      throw gone;
    }
  }

  private static boolean isDataOfAnApp(Path path) {
    return path.toString().matches("data/[^/]+/files/.+|backups/mirrors/.+");
  }

  private static String describe(Path state, Path path) {
    try {
      return PosixFilePermissions.toString(
              Files.getPosixFilePermissions(path, LinkOption.NOFOLLOW_LINKS))
          + " "
          + state.relativize(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isAllowed(String entry) {
    String mode = entry.substring(0, entry.indexOf(' '));
    String path = entry.substring(entry.indexOf(' ') + 1);
    return mode.endsWith("------")
        || READABLE.stream()
            .anyMatch(
                allowed ->
                    allowed.startsWith(mode + " ")
                        && path.matches(allowed.substring(allowed.indexOf(' ') + 1)));
  }
}
