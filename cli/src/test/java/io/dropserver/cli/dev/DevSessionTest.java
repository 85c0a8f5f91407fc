package io.dropserver.cli.dev;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.cli.app.AppFolder;
import io.dropserver.control.ApprovalStatus;
import io.dropserver.schema.instance.FolderTree;
import io.dropserver.schema.read.InstanceReader;
import io.dropserver.schema.read.ReadOptions;
import io.dropserver.schema.read.ReadResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DevSessionTest {
  @TempDir Path folder;

  private static ApprovalStatus request(String url) {
    return new ApprovalStatus(
        url,
        "notes",
        url,
        List.of("GET"),
        "open",
        Optional.empty(),
        Instant.EPOCH,
        Instant.EPOCH,
        1,
        new java.util.TreeMap<>(java.util.Map.of("GET", 1L)),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        List.of(),
        List.of());
  }

  /** The key allows the oldest request, so the text must not suggest that it allows the latest. */
  @Test
  void theKeyIsOfferedForTheRequestThatItAllows() {
    List<ApprovalStatus> waiting =
        List.of(request("https://ignored.example/"), request("https://wanted.example/"));
    assertThat(DevSession.prompt(waiting))
        .isEqualTo("press a to allow GET https://ignored.example/");
  }

  @ParameterizedTest
  @ValueSource(strings = {"notes", "123", "true", "1e3", "null"})
  void eachNameOfAFolderMakesAValidRepository(String name) throws IOException {
    Path app = Files.createDirectory(folder.resolve("app"));
    Files.writeString(app.resolve("main.ts"), "export default { fetch: () => new Response() };");
    Files.writeString(
        app.resolve("dropapp.json"),
        """
        {"name": "Notes", "version": "1.0.0", "entrypoint": "main.ts",
         "egress": [{"url": "https://api.example.org/"}]}
        """);
    DevRepository repository = new DevRepository(folder, name, false, name.equals("notes"));
    repository.create();
    repository.publish(DevSession.list(app), AppFolder.read(app));
    ReadResult read =
        new InstanceReader()
            .read(
                FolderTree.of(folder.resolve("instance"), path -> false),
                ReadOptions.WHOLE_REPOSITORY);
    assertThat(read.problems()).isEmpty();
    assertThat(read.instance().orElseThrow().apps()).containsOnlyKeys(name);
  }

  @Test
  void aFolderWithoutAManifestIsServedWithAnInferredOne() throws IOException {
    Path app = Files.createDirectory(folder.resolve("app"));
    Files.writeString(app.resolve("server.js"), "");
    Files.writeString(app.resolve("package.json"), "{\"version\": \"1.2.0\"}");
    DevRepository repository = new DevRepository(folder, "notes", false, false);
    repository.create();
    repository.publish(DevSession.list(app), AppFolder.read(app));
    repository.publish(DevSession.list(app), AppFolder.read(app));
    ReadResult read =
        new InstanceReader()
            .read(
                FolderTree.of(folder.resolve("instance"), path -> false),
                ReadOptions.WHOLE_REPOSITORY);
    assertThat(read.problems()).isEmpty();
    assertThat(read.instance().orElseThrow().apps()).containsOnlyKeys("notes");
    assertThat(folder.resolve("instance/app/dropapp.json")).content().contains("server.js");
    assertThat(app.resolve("dropapp.json")).doesNotExist();
  }
}
