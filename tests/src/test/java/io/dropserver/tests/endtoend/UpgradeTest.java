package io.dropserver.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Changes the version of an appspace by editing one line and pushing. */
class UpgradeTest {
  private static final Duration TIMEOUT = Duration.ofMinutes(2);

  @TempDir private Path folder;
  private LiveInstance instance;
  private ConfigRepository repository;

  @BeforeEach
  void prepare() throws IOException {
    // Sandboxes run as other users, which must be able to traverse this folder.
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    instance = LiveInstance.create(folder);
    repository = instance.repository();
  }

  @AfterEach
  void close() {
    instance.close();
  }

  private void declare(String version) throws Exception {
    repository.write("appspaces/garden.yaml", KeeperApp.appspace("garden", version));
    if (!repository.git("status", "--porcelain").isBlank()) {
      repository.push("garden runs " + version);
    }
    assertThat(instance.sync().served()).isTrue();
  }

  private void versions(String... versions) throws Exception {
    KeeperApp.instance(repository);
    StringBuilder app =
        new StringBuilder(
            """
            apiVersion: dropserver.io/v1
            kind: App
            metadata: {name: keeper}
            spec:
              versions:
            """);
    for (String version : versions) {
      app.append("    - {version: %s, source: {path: apps/v%s}}\n".formatted(version, version));
      KeeperApp.write(repository, "apps/v" + version, version);
    }
    String text = Files.readString(repository.workingCopy().resolve("instance.yaml"));
    repository.write("instance.yaml", text.substring(0, text.lastIndexOf("apiVersion")) + app);
  }

  private Map<String, String> garden() throws Exception {
    Map<String, String> answers = new ConcurrentHashMap<>();
    for (String path : List.of("/", "/word", "/tree")) {
      answers.put(path, instance.get("garden", path).body());
    }
    return answers;
  }

  private String conditions() {
    return instance.object("Appspace", "garden").conditions().toString();
  }

  @Test
  void versionsThatNeedNoMigrationSwitchWithoutAMissedRequest() throws Exception {
    versions("1.0.0", "2.0.0", "3.0.0");
    // This version fails only with data, so that its installation, which starts it without data,
    // succeeds.
    repository.write(
        "apps/v3.0.0/main.ts",
        """
        const used = await Deno.stat("/data/notes").then(() => true, () => false);
        export default { fetch: () => new Response("3", { status: used ? 500 : 200 }) };
        """);
    instance.start();
    declare("1.0.0");
    instance.get("garden", "/write?one");
    Queue<String> answers = new ConcurrentLinkedQueue<>();
    AtomicBoolean over = new AtomicBoolean();
    List<Thread> visitors = visitors(answers, over);

    declare("2.0.0");
    await().atMost(TIMEOUT).until(() -> answers.contains("200 version 2.0.0"));
    declare("3.0.0");
    assertThat(conditions()).contains("HealthCheckFailed", "status 500", "Stalled");
    assertThat(instance.get("garden", "/").body()).isEqualTo("version 2.0.0");
    over.set(true);
    for (Thread visitor : visitors) {
      visitor.join();
    }

    assertThat(answers).as("one of each").contains("200 version 1.0.0", "200 version 2.0.0");
    assertThat(answers).containsOnly("200 version 1.0.0", "200 version 2.0.0");
    assertThat(instance.get("garden", "/word").body()).isEqualTo("one");
  }

  private List<Thread> visitors(Queue<String> answers, AtomicBoolean over) {
    Runnable visits =
        () -> {
          while (!over.get()) {
            try {
              HttpResponse<String> response = instance.get("garden", "/");
              answers.add(response.statusCode() + " " + response.body());
            } catch (IOException e) {
              answers.add(e.toString());
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
              return;
            }
          }
        };
    return List.of(Thread.ofVirtual().start(visits), Thread.ofVirtual().start(visits));
  }

  @Test
  void aMigrationChangesDataAndVersionTogetherOrNeither() throws Exception {
    versions("1.0.0", "2.0.0", "3.0.0", "4.0.0");
    KeeperApp.write(repository, "apps/v1.0.0", "1.0.0", ", \"schema\": 1", "version 1.0.0");
    migrating(
        "2.0.0",
        "\"schema\": 2",
        """
        await Deno.rename("/data/notes", "/data/pages");
        await Deno.writeTextFile("steps", `${Deno.env.get("DROPSERVER_MIGRATE_FROM")} to ${
          Deno.env.get("DROPSERVER_MIGRATE_TO")}\\n`, { append: true });
        """);
    migrating(
        "3.0.0",
        "\"schema\": 3",
        """
        await Deno.remove("/data/pages", { recursive: true });
        console.log("these were my last words");
        throw new Error("it does not work");
        """);
    migrating(
        "4.0.0",
        "\"schema\": 3, \"migrations\": [{\"direction\": \"down\", \"schema\": 3}]",
        """
        const back = Deno.env.get("DROPSERVER_MIGRATE_TO_SCHEMA") === "2";
        await Deno.rename(back ? "sheets" : "pages", back ? "pages" : "sheets");
        """);
    instance.start();
    declare("1.0.0");
    instance.get("garden", "/write?one");
    Map<String, String> first = garden();

    declare("2.0.0");
    Map<String, String> second = garden();
    assertThat(second.get("/")).as(conditions()).isEqualTo("version 2.0.0");
    assertThat(second.get("/word")).isEqualTo("one");
    assertThat(second.get("/tree")).contains("/data/pages", "steps").doesNotContain("/data/notes");
    assertThat(instance.control().retainedData()).as("nothing is left over").isEmpty();

    declare("3.0.0");
    assertThat(garden()).as("old data and old version").isEqualTo(second);
    assertThat(conditions()).contains("MigrationFailed", "it does not work", "Stalled");
    assertThat(logs()).contains("these were my last words");
    instance.sync();
    assertThat(occurrences(logs(), "these were my last words"))
        .as("not tried again by itself")
        .isEqualTo(1);
    instance.control().retry("Appspace", "garden");
    assertThat(occurrences(logs(), "these were my last words")).isEqualTo(2);

    declare("4.0.0");
    assertThat(garden().get("/tree")).contains("/data/sheets");
    declare("2.0.0");
    assertThat(garden()).as("its own way back").isEqualTo(second);

    declare("1.0.0");
    assertThat(garden()).as("no way back but a backup").isEqualTo(second);
    goBack();
    assertThat(garden()).isEqualTo(first);
  }

  private void goBack() throws Exception {
    Matcher remedy =
        Pattern.compile("dropserver confirm garden --restore ([0-9a-f]{8})").matcher(conditions());
    assertThat(remedy.find()).as(conditions()).isTrue();
    CommandLineProgram confirmed =
        CommandLineProgram.run(
            "confirm",
            "garden",
            "--restore",
            remedy.group(1),
            "--state",
            instance.state().toString());
    assertThat(confirmed.exitCode()).as(confirmed.err()).isZero();
  }

  private void migrating(String version, String manifest, String program) throws IOException {
    String place = "apps/v" + version;
    KeeperApp.write(
        repository,
        place,
        version,
        ", \"migrate\": \"migrate.ts\", " + manifest,
        "version " + version);
    repository.write(place + "/migrate.ts", program);
  }

  private static int occurrences(String text, String word) {
    return text.split(Pattern.quote(word), -1).length - 1;
  }

  private String logs() throws Exception {
    return CommandLineProgram.run("logs", "garden", "--state", instance.state().toString()).out();
  }
}
