package io.dropserver.tests.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dropserver.schema.status.BackupOrder;
import io.dropserver.schema.status.BackupVerb;
import io.dropserver.web.control.BackupClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What people store in a program of the catalogue survives a killed server, the upgrade from the
 * release before, and a backup with its restore.
 */
@Tag("catalogue")
class CatalogueDataTest {
  @TempDir private Path folder;

  /** Stores a text so that the program returns it at a path. */
  @FunctionalInterface
  private interface Store {
    void put(CatalogueInstance instance, String text) throws Exception;
  }

  @Test
  void recordsOfJsonServerSurvive() throws Exception {
    survives(
        "json-server",
        "0.17.3",
        "/posts/1",
        (instance, text) -> {
          String json = "{\"id\": 1, \"title\": \"%s\"}".formatted(text);
          if (instance.get("/posts/1").statusCode() == 404) {
            assertThat(instance.live().send("POST", "json-server", "/posts", json).statusCode())
                .isEqualTo(201);
          } else {
            assertThat(instance.live().send("PUT", "json-server", "/posts/1", json).statusCode())
                .isEqualTo(200);
          }
          awaitFile(instance, "db.json", text);
        });
  }

  @Test
  void filesOfHttpServerSurvive() throws Exception {
    survives("http-server", "14.1.0", "/note.txt", file("public/note.txt"));
  }

  @Test
  void notesOfTiddlyWikiSurvive() throws Exception {
    String note = "/recipes/default/tiddlers/Note";
    survives(
        "tiddlywiki",
        "5.4.0",
        "/status",
        note,
        (instance, text) -> {
          put(instance, "PUT", note, "{\"title\": \"Note\", \"text\": \"%s\"}".formatted(text));
          // TiddlyWiki writes its files after the response.
          awaitFile(instance, "wiki/tiddlers/Note.tid", text);
        });
  }

  private static void put(CatalogueInstance instance, String method, String path, String json)
      throws Exception {
    assertThat(instance.live().send(method, instance.entry(), path, json).statusCode())
        .isBetween(200, 299);
  }

  /** These programs have no page that writes: a person puts the files there. */
  private static Store file(String path) {
    return (instance, text) -> {
      var _ = instance.awaitInstalled("/");
      Files.writeString(instance.data().resolve(path), text);
    };
  }

  /** json-server writes its file after the response. */
  private static void awaitFile(CatalogueInstance instance, String path, String text) {
    await().untilAsserted(() -> assertThat(instance.data().resolve(path)).content().contains(text));
  }

  private void survives(String entry, String older, String path, Store store) throws Exception {
    survives(entry, older, "/", path, store);
  }

  /**
   * @param home a path that the program answers before there is data
   * @param path where the program returns what is stored
   */
  private void survives(String entry, String older, String home, String path, Store store)
      throws Exception {
    try (CatalogueInstance instance = CatalogueInstance.startOlder(folder, entry, older)) {
      var _ = instance.awaitInstalled(home);
      store.put(instance, "the first text");
      assertThat(instance.awaitInstalled(path).body()).contains("the first text");

      instance.live().kill();
      instance.live().start();
      assertThat(instance.awaitInstalled(path).body()).as("after kill -9").contains("the first");

      instance.upgrade(home);
      assertThat(instance.awaitInstalled(path).body()).as("upgraded").contains("the first text");

      backup(instance, BackupVerb.NOW, entry, Optional.empty());
      store.put(instance, "another text");
      assertThat(instance.awaitInstalled(path).body()).contains("another text");
      backup(instance, BackupVerb.RESTORE, entry, Optional.of("latest"));
      assertThat(instance.awaitInstalled(path).body()).as("restored").contains("the first text");
    }
  }

  private static void backup(
      CatalogueInstance instance, BackupVerb verb, String entry, Optional<String> snapshot) {
    var _ =
        new BackupClient(instance.live().state())
            .run(
                new BackupOrder(verb, Optional.of(entry), snapshot, Optional.empty(), List.of()),
                step -> {});
  }
}
