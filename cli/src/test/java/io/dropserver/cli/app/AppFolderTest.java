package io.dropserver.cli.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dropserver.cli.CommandRun;
import io.dropserver.cli.output.CommandException;
import io.dropserver.cli.output.ExitCode;
import io.dropserver.sandbox.app.PackageWriter;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AppFolderTest {
  @TempDir Path temporary;
  private Path app;

  @BeforeEach
  void makeFolder() throws IOException {
    app = Files.createDirectory(temporary.resolve("notes"));
  }

  @Test
  void anIncompleteManifestKeepsItsFields() throws IOException {
    write("main.ts", "");
    write(
        "dropapp.json",
        "{\"version\": \"4.0.0\", \"egress\": [{\"url\": \"https://a.example/\"}], \"cwd\":"
            + " \"app\"}");
    write("package.json", "{\"name\": \"named\", \"version\": \"9.9.9\"}");
    AppFolder read = AppFolder.read(app);
    assertThat(read.manifest().version()).isEqualTo("4.0.0");
    assertThat(read.manifest().name()).isEqualTo("named");
    assertThat(read.manifest().egress()).hasSize(1);
    assertThat(read.text()).contains("\"cwd\"");
  }

  /** What is missing may be inferred; what is wrong is reported at its position. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"name\": 7}",
        "{\"nmae\": \"x\"}",
        "{\"name\": \"a\", \"name\": \"b\"}",
        "[",
        "7"
      })
  void aWrongManifestIsNotCompleted(String manifest) throws IOException {
    write("main.ts", "");
    write("dropapp.json", manifest);
    assertThatThrownBy(() -> AppFolder.read(app))
        .hasMessageContaining("not valid")
        .hasMessageContaining("dropapp.json:1:");
  }

  @Test
  void aLinkedManifestIsRefused() throws IOException {
    write("main.ts", "");
    Files.createSymbolicLink(app.resolve("dropapp.json"), temporary.resolve("nowhere"));
    assertThatThrownBy(() -> AppFolder.read(app)).hasMessageContaining("not a regular file");
  }

  @Test
  void anEmptyFolderIsRefusedWithTheSmallestManifest() {
    CommandRun run = CommandRun.alone("app", "pack", app.toString());
    assertThat(run.exitCode()).isEqualTo(ExitCode.ERROR);
    assertThat(run.err())
        .contains("package.json (scripts.start, main, bin)", "tasks.start", "main.ts, mod.ts")
        .contains("{\"name\":\"notes\",\"version\":\"0.0.0\",\"entrypoint\":\"FILE\"}");
  }

  @Test
  void thePackageContainsTheManifestAndTheFolderDoesNot() throws IOException {
    write("server.js", "");
    write(
        "package.json", "{\"name\": \"weather\", \"version\": \"1.2.3\", \"main\": \"server.js\"}");
    Path target = temporary.resolve("app.tar.gz");
    CommandRun run = CommandRun.alone("app", "pack", app.toString(), "-o", target.toString());
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out())
        .contains("entrypoint \"server.js\", from package.json:1 (main)", "- version: 1.2.3");
    assertThat(app.resolve("dropapp.json")).doesNotExist();
    assertThat(entries(target)).containsOnlyKeys("dropapp.json", "package.json", "server.js");

    // The packed manifest alone gives the same package, so it is the only source.
    write("dropapp.json", entries(target).getOrDefault("dropapp.json", ""));
    Path second = temporary.resolve("second.tar.gz");
    PackageWriter.write(PackageWriter.list(app, path -> false), second);
    assertThat(second).hasSameBinaryContentAs(target);
    assertThat(AppFolder.read(app).inferred()).isEmpty();
  }

  @Test
  void aFolderThatDoesNotExistIsNamed() {
    assertThatThrownBy(() -> AppFolder.read(temporary.resolve("nosuch")))
        .isInstanceOf(CommandException.class)
        .hasMessageContaining("nosuch is not a folder");
  }

  @Test
  void anAllowedDestinationIsWrittenIntoANewManifest() throws IOException {
    write("main.ts", "");
    ManifestEgress.add(AppFolder.read(app), "https://api.example.org/", List.of("GET"));
    AppFolder read = AppFolder.read(app);
    assertThat(read.inferred()).isEmpty();
    assertThat(read.manifest().egress()).hasSize(1);
    assertThat(read.manifest().entrypoint()).isEqualTo("main.ts");
  }

  private void write(String path, String text) throws IOException {
    Path file = app.resolve(path);
    Files.createDirectories(Objects.requireNonNull(file.getParent()));
    Files.writeString(file, text);
  }

  private static Map<String, String> entries(Path archive) throws IOException {
    Map<String, String> entries = new TreeMap<>();
    try (InputStream in = new BufferedInputStream(Files.newInputStream(archive));
        var tar = new TarArchiveInputStream(new GzipCompressorInputStream(in))) {
      for (TarArchiveEntry e = tar.getNextEntry(); e != null; e = tar.getNextEntry()) {
        entries.put(e.getName(), new String(tar.readAllBytes(), StandardCharsets.UTF_8));
      }
    }
    return entries;
  }
}
