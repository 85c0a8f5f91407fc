package io.dropserver.tests.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dropserver.control.BackupOrder;
import io.dropserver.control.BackupVerb;
import io.dropserver.web.control.BackupClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What people store in a program of the catalogue survives a killed server, the upgrade from the
 * release before, and a backup with its restore.
 */
@Tag("catalogue")
class CatalogueDataTest {
  /** A start of a large program, or a build of a site, on a machine with other load. */
  private static final Duration TIMEOUT = Duration.ofMinutes(8);

  @TempDir private Path folder;

  /** Stores a text in a program, in place of the earlier one. */
  @FunctionalInterface
  private interface Store {
    void put(CatalogueInstance instance, String text) throws Exception;
  }

  /** Returns what a program shows of its data, or fails with an assertion while it does not. */
  @FunctionalInterface
  private interface View {
    String read(CatalogueInstance instance) throws Exception;
  }

  @Test
  void recordsOfJsonServerSurvive() throws Exception {
    survives(
        "json-server",
        "0.17.3",
        "/",
        page("/posts/1"),
        (instance, text) -> {
          String json = "{\"id\": 1, \"title\": \"%s\"}".formatted(text);
          if (instance.get("/posts/1").statusCode() == 404) {
            send(instance, "POST", "/posts", json);
          } else {
            send(instance, "PUT", "/posts/1", json);
          }
          awaitFile(instance, "db.json", text);
        });
  }

  @Test
  void notesOfTiddlyWikiSurvive() throws Exception {
    String note = "/recipes/default/tiddlers/Note";
    survives(
        "tiddlywiki",
        "5.4.0",
        "/status",
        page(note),
        (instance, text) -> {
          send(instance, "PUT", note, "{\"title\": \"Note\", \"text\": \"%s\"}".formatted(text));
          // TiddlyWiki writes its files after the response.
          awaitFile(instance, "wiki/tiddlers/Note.tid", text);
        });
  }

  /** The flow answers requests with the text, and writes a file each second by itself. */
  @Test
  void flowsOfNodeRedSurviveAndContinueToRun() throws Exception {
    survives(
        "node-red",
        "4.1.8",
        "/settings",
        instance -> {
          awaitTicks(instance);
          return page("/text").read(instance);
        },
        (instance, text) -> send(instance, "POST", "/flows", flows(text)));
  }

  @Test
  void filesOfHttpServerSurvive() throws Exception {
    survives("http-server", "14.1.0", "/", page("/note.txt"), file("public/note.txt", "%s"));
  }

  @Test
  void filesOfServeSurvive() throws Exception {
    survives("serve", "14.2.6", "/", page("/note.txt"), file("public/note.txt", "%s"));
  }

  @Test
  void filesOfSirvSurvive() throws Exception {
    survives("sirv", "3.0.0", "/", page("/note.txt"), file("public/note.txt", "%s"));
  }

  @Test
  void filesOfSuperstaticSurvive() throws Exception {
    survives("superstatic", "10.0.0", "/", page("/note.txt"), file("public/note.txt", "%s"));
  }

  @Test
  void notesOfHadsSurvive() throws Exception {
    survives("hads", "3.0.2", "/", page("/note.md"), file("notes/note.md", "# Note\n\n%s\n"));
  }

  @Test
  void pagesOfEleventySurvive() throws Exception {
    survives("eleventy", "3.1.7", "/", page("/note/"), file("site/note.md", "# Note\n\n%s\n"));
  }

  /** Earlier releases end at their start: OpenSSL refuses the key that they contain. */
  @Test
  void answersOfStubbySurvive() throws Exception {
    String stubs = "- {request: {url: ^/$}, response: {body: '%s'}}\n";
    try (CatalogueInstance instance = CatalogueInstance.start(folder, "stubby")) {
      survivesKillAndRestore(instance, "/", page("/"), file("stubs.yaml", stubs));
    }
  }

  /** Its connections are in memory. A file of its folder shows that the folder survives. */
  @Test
  void peerStoresNothingAndItsFolderSurvives() throws Exception {
    survives("peer", "1.0.0", "/", onlyFile("note.txt"), file("note.txt", "%s"));
  }

  /** Its torrents are in memory, and peers announce themselves again. */
  @Test
  void bittorrentTrackerStoresNothingAndItsFolderSurvives() throws Exception {
    survives(
        "bittorrent-tracker", "10.0.11", "/stats", onlyFile("note.txt"), file("note.txt", "%s"));
  }

  private static String flows(String text) {
    return """
    [{"id": "flow", "type": "tab", "label": "Survivor"},
     {"id": "tick", "z": "flow", "type": "inject", "repeat": "1", "once": true,
      "onceDelay": 0.1, "props": [{"p": "payload"}], "payload": "tick", "payloadType": "str",
      "x": 100, "y": 100, "wires": [["file"]]},
     {"id": "file", "z": "flow", "type": "file", "filename": "/data/ticks.txt",
      "filenameType": "str", "appendNewline": true, "overwriteFile": "false",
      "x": 300, "y": 100, "wires": []},
     {"id": "in", "z": "flow", "type": "http in", "url": "/text", "method": "get",
      "x": 100, "y": 200, "wires": [["template"]]},
     {"id": "template", "z": "flow", "type": "template", "field": "payload",
      "fieldType": "msg", "format": "text", "syntax": "plain", "template": "%s",
      "output": "str", "x": 300, "y": 200, "wires": [["out"]]},
     {"id": "out", "z": "flow", "type": "http response", "statusCode": "200", "x": 500,
      "y": 200, "wires": []}]
    """
        .formatted(text);
  }

  private static void send(CatalogueInstance instance, String method, String path, String json)
      throws Exception {
    assertThat(instance.live().send(method, instance.entry(), path, json).statusCode())
        .isBetween(200, 299);
  }

  private static View page(String path) {
    return instance -> {
      var response = instance.get(path);
      assertThat(response.statusCode()).isLessThan(400);
      return response.body();
    };
  }

  /** The data folder contains this file and no other. */
  private static View onlyFile(String path) {
    return instance -> {
      Path data = instance.data();
      try (Stream<Path> files = Files.walk(data)) {
        assertThat(files.filter(Files::isRegularFile).map(file -> data.relativize(file)))
            .containsExactly(Path.of(path));
      }
      return Files.readString(data.resolve(path));
    };
  }

  /** These programs have no page that writes: a person puts the files there. */
  private static Store file(String path, String content) {
    return (instance, text) ->
        Files.writeString(instance.data().resolve(path), content.formatted(text));
  }

  /** For programs that write their file after the response. */
  private static void awaitFile(CatalogueInstance instance, String path, String text) {
    await()
        .atMost(TIMEOUT)
        .untilAsserted(() -> assertThat(instance.data().resolve(path)).content().contains(text));
  }

  /** Waits for the flow's file to grow, without a request that would start the program. */
  private static void awaitTicks(CatalogueInstance instance) throws IOException {
    long before = sizeOfTicks(instance);
    await("a tick without a request")
        .atMost(TIMEOUT)
        .ignoreExceptions()
        .until(() -> sizeOfTicks(instance) > before);
  }

  private static long sizeOfTicks(CatalogueInstance instance) throws IOException {
    Path ticks = instance.data().resolve("ticks.txt");
    return Files.exists(ticks) ? Files.size(ticks) : 0;
  }

  /**
   * @param home a path that the program answers before there is data
   * @param view how the stored text is seen
   */
  private void survives(String entry, String older, String home, View view, Store store)
      throws Exception {
    try (CatalogueInstance instance = CatalogueInstance.startOlder(folder, entry, older)) {
      var _ = instance.awaitInstalled(home);
      store.put(instance, "of the release before");
      awaitText(instance, view, "of the release before", "stored");
      instance.upgrade(home);
      awaitText(instance, view, "of the release before", "upgraded");
      survivesKillAndRestore(instance, home, view, store);
    }
  }

  private static void survivesKillAndRestore(
      CatalogueInstance instance, String home, View view, Store store) throws Exception {
    var _ = instance.awaitInstalled(home);
    store.put(instance, "the first text");
    awaitText(instance, view, "the first text", "stored");

    instance.live().kill();
    instance.live().start();
    awaitRunning(instance, home);
    awaitText(instance, view, "the first text", "after kill -9");

    backup(instance, BackupVerb.NOW, Optional.empty());
    store.put(instance, "another text");
    awaitText(instance, view, "another text", "changed after the backup");
    backup(instance, BackupVerb.RESTORE, Optional.of("latest"));
    awaitRunning(instance, home);
    awaitText(instance, view, "the first text", "restored");
  }

  /** A program that the host keeps running starts by itself; a request starts each other. */
  private static void awaitRunning(CatalogueInstance instance, String home) throws IOException {
    if (instance.isAlwaysRunning()) {
      await("the start of the program")
          .atMost(TIMEOUT)
          .ignoreException(AssertionError.class)
          .until(() -> instance.program().isAlive());
    } else {
      var _ = instance.awaitInstalled(home);
    }
  }

  private static void awaitText(
      CatalogueInstance instance, View view, String text, String occasion) {
    await(occasion)
        .atMost(TIMEOUT)
        .ignoreExceptions()
        .untilAsserted(() -> assertThat(view.read(instance)).contains(text));
  }

  private static void backup(
      CatalogueInstance instance, BackupVerb verb, Optional<String> snapshot) {
    var _ =
        new BackupClient(instance.live().state())
            .run(
                new BackupOrder(
                    verb, Optional.of(instance.entry()), snapshot, Optional.empty(), List.of()),
                step -> {});
  }
}
