package io.dropserver.sandbox.isolation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MountNamespaceTest {
  private static final String STRANGER = "254321";

  @TempDir Path closed;
  private Path needed = Path.of("");

  @BeforeEach
  void closeTheWay() throws IOException {
    assumeTrue(Files.getOwner(closed).getName().equals("root"), "only root has users to switch to");
    needed = Files.createDirectories(closed.resolve("deep/er/needed"));
    Files.writeString(needed.resolve("file"), "found");
    Files.writeString(closed.resolve("secret"), "secret");
    for (Path folder : List.of(needed, closed.resolve("deep/er"), closed.resolve("deep"))) {
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
    Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("rwx------"));
  }

  @Test
  void otherUsersCanTraverseToNeededFilesAndReadNothingElse() {
    String seen = asStranger(true, "cat %1$s/deep/er/needed/file; cat %1$s/secret 2>&1; true");
    assertThat(seen).startsWith("found").contains("No such file").doesNotContain("foundsecret");
  }

  @Test
  void withoutTheViewOtherUsersCannotReadNeededFiles() {
    assertThat(asStranger(false, "cat %1$s/deep/er/needed/file 2>&1; true"))
        .contains("Permission denied");
  }

  @Test
  void writesInTheViewReachTheHostFolder() throws IOException {
    Files.setPosixFilePermissions(needed, PosixFilePermissions.fromString("rwxrwxrwx"));
    asStranger(true, "echo new > %1$s/deep/er/needed/other");
    assertThat(needed.resolve("other")).hasContent("new");
    assertThat(closed.resolve("secret")).hasContent("secret");
  }

  private String asStranger(boolean view, String script) {
    if (!view) {
      return run(List.of(), script.formatted(closed));
    }
    try (FolderView folders = FolderView.open(List.of(needed)).orElseThrow()) {
      List<String> enter = List.of("nsenter", "--mount=" + folders.namespace(), "--");
      return run(enter, script.formatted(closed));
    }
  }

  private static String run(List<String> enter, String script) {
    List<String> command = new ArrayList<>(enter);
    command.addAll(List.of("setpriv", "--reuid", STRANGER, "--regid", STRANGER, "--clear-groups"));
    command.addAll(List.of("sh", "-c", script));
    try {
      Process process =
          new ProcessBuilder(command)
              .directory(Path.of("/").toFile())
              .redirectErrorStream(true)
              .start();
      return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
