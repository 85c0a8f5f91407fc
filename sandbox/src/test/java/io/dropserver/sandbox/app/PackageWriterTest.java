package io.dropserver.sandbox.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.app.PackageWriter.Written;
import io.dropserver.state.condition.AppReason;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PackageWriterTest {
  private static final List<String> FILES =
      List.of("dropapp.json", "main.ts", "lib/größe.ts", "a/" + "d".repeat(120) + "/f.txt", "a.b");

  @TempDir Path folder;

  @Test
  void theSameFilesGiveTheSameBytes() throws IOException {
    Path first = source("first", FILES);
    Path second = source("second", FILES.reversed());
    for (String file : FILES) {
      Files.setLastModifiedTime(second.resolve(file), FileTime.fromMillis(1));
      Files.setPosixFilePermissions(
          second.resolve(file), PosixFilePermissions.fromString("rwx------"));
    }
    Files.createDirectory(second.resolve("an empty folder"));
    Written written = pack(first, "first.tar.gz");
    assertThat(pack(second, "second.tar.gz")).isEqualTo(written);
    assertThat(folder.resolve("second.tar.gz"))
        .hasSameBinaryContentAs(folder.resolve("first.tar.gz"));
    Files.writeString(second.resolve("main.ts"), "other");
    assertThat(pack(second, "second.tar.gz").sha256()).isNotEqualTo(written.sha256());
  }

  @Test
  void aPackageIsUnpackedToTheSameFiles() throws IOException {
    Path source = source("source", FILES);
    Written written = pack(source, "app.tar.gz");
    assertThat(written.files()).isEqualTo(FILES.size());
    Path target = Files.createDirectory(folder.resolve("target"));
    try (InputStream in = Files.newInputStream(folder.resolve("app.tar.gz"))) {
      PackageArchive.read(in, written.bytes(), new Unpacker(target, AppSizeLimits.DEFAULT));
    }
    for (String file : FILES) {
      assertThat(target.resolve(file)).hasSameTextualContentAs(source.resolve(file));
    }
  }

  @Test
  void gitAndInstalledPackagesAndSkippedFilesAreLeftOut() throws IOException {
    List<String> files = new ArrayList<>(FILES);
    files.addAll(
        List.of(".git/config", "node_modules/x/y.js", "lib/node_modules/z.js", "skipped/b"));
    Path source = source("source", files);
    Written written =
        PackageWriter.write(
            PackageWriter.list(source, path -> path.equals("skipped/")),
            folder.resolve("one.tar.gz"));
    assertThat(written).isEqualTo(pack(source("plain", FILES), "two.tar.gz"));
  }

  @Test
  void aLinkIsRefusedAndNamed() throws IOException {
    Path source = source("source", FILES);
    Files.createSymbolicLink(source.resolve("link.ts"), Path.of("/etc/passwd"));
    refused(source, "link.ts");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\\b", "A.B", "what?.ts", "a\u202Eb.ts"})
  void aNameThatAnInstallationRefusesIsRefused(String name) throws IOException {
    Path source = source("source", FILES);
    Files.writeString(source.resolve(name), "x");
    refused(source, "\"");
  }

  private void refused(Path source, String message) {
    assertThatThrownBy(() -> pack(source, "refused.tar.gz"))
        .isInstanceOfSatisfying(
            SandboxException.class, e -> assertThat(e.reason()).isEqualTo(AppReason.PACKAGE_UNSAFE))
        .hasMessageContaining(message);
    assertThat(folder.resolve("refused.tar.gz")).doesNotExist();
  }

  private Written pack(Path source, String name) throws IOException {
    return PackageWriter.write(PackageWriter.list(source, path -> false), folder.resolve(name));
  }

  private Path source(String name, List<String> files) throws IOException {
    Path source = folder.resolve(name);
    for (String file : files) {
      Path path = source.resolve(file);
      Files.createDirectories(Objects.requireNonNull(path.getParent()));
      Files.writeString(path, "content of " + file);
    }
    return source;
  }
}
