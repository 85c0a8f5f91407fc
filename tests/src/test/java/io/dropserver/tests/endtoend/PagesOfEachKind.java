package io.dropserver.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dropserver.control.BackupOrder;
import io.dropserver.control.BackupVerb;
import io.dropserver.web.control.BackupClient;
import io.dropserver.web.control.UpdateClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;

/**
 * A {@link MembersApp} on which each kind of page exists: an approval and a new version of the app
 * {@code garden} wait, {@code resting} is paused, {@code broken} cannot be installed, {@code
 * crashing} has ended, {@code notes} has a backup and a message for Alice, and a log-in provider
 * does not answer.
 */
public final class PagesOfEachKind {
  /** Passes its trial, which has no data, and the first request. */
  private static final String CRASHING =
      """
      export default {
        fetch(): Response {
          const seen = [...Deno.readDirSync("/data")].some(({ name }) => name === "seen");
          if (seen) Deno.exit(1);
          Deno.mkdirSync("/data/seen");
          return new Response("once");
        },
      };
      """;

  private static final String GARDEN =
      "export default { fetch: () => new Response(\"garden\") };\n";

  private PagesOfEachKind() {}

  /** Starts the instance and waits until each page exists. */
  public static LiveInstance start(Path folder) throws Exception {
    // Sandboxes run as other users, which must be able to traverse this folder.
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    ConfigRepository garden =
        ConfigRepository.create(Files.createDirectories(folder.resolve("upstream/garden")));
    LiveInstance instance =
        MembersApp.create(
            Files.createDirectory(folder.resolve("instance")), "--config", configuration(folder));
    try {
      prepare(instance, garden);
      return instance;
    } catch (Exception | AssertionError e) {
      instance.close();
      throw e;
    }
  }

  private static void prepare(LiveInstance instance, ConfigRepository garden) throws Exception {
    declare(instance.repository(), garden);
    instance.startServing();
    try (MemberClient alice = MemberClient.enter(instance, "alice", "notes")) {
      assertThat(alice.get("/remind").body()).isEqualTo("done");
    }
    try (MemberClient alice = MemberClient.enter(instance, "alice", "crashing")) {
      assertThat(alice.get("/").body()).isEqualTo("once");
      assertThat(alice.get("/").statusCode()).isEqualTo(502);
    }
    backUp(instance);
    publish(garden, "1.1.0");
    instance.control().retry("App", "garden");
    await()
        .atMost(LiveInstance.TIMEOUT)
        .until(() -> !new UpdateClient(instance.state()).updates().isEmpty());
  }

  private static String configuration(Path folder) throws IOException {
    Files.setPosixFilePermissions(
        Files.writeString(folder.resolve("secret"), "secret"),
        PosixFilePermissions.fromString("rw-------"));
    return Files.writeString(
            folder.resolve("dropserver.yaml"),
            """
            egress: {open: [127.0.0.1/32]}
            apps: {localRepositories: ["%s"]}
            openid:
              home: {displayName: Example, issuer: "http://127.0.0.1:%d", clientId: dropserver, clientSecretFile: secret}
            """
                .formatted(folder.resolve("upstream"), LiveInstance.freePort()))
        .toString();
  }

  private static void declare(ConfigRepository repository, ConfigRepository garden)
      throws IOException {
    publish(garden, "1.0.0");
    repository
        .replace(
            "instance.yaml",
            "reconcile: {interval: 1h}",
            "reconcile: {interval: 1h}\n  approvals: {decide: auto}")
        .replace(
            "apps/notes/dropapp.json",
            "\"runtime\": \"fetch\",",
            """
            "runtime": "fetch",
              "egress": [{"url": "https://a-very-long-name-of-a-host.which-is-not-short.example.org/", "methods": ["GET"], "reason": "the weather"}],\
            """)
        .replace(
            "apps/notes/main.ts",
            "fetch(request: Request): Response {",
            """
            async fetch(request: Request, dropserver: any): Promise<Response> {
              if (new URL(request.url).pathname === "/remind") {
                await Deno.writeTextFile("/data/note.txt", "Water the garden");
                await dropserver.notify(dropserver.user, {title: "Water the garden", body: "It is dry.", path: "/garden"});
                return new Response("done");
              }\
            """)
        .replace(
            "apps/notes/main.ts",
            "Next</a>",
            "Next</a> <a href=\"https://example.org/a?b=c\">Away</a>")
        .write("apps/broken/main.ts", "throw new Error(\"it does not start\");\n")
        .write(
            "apps/broken/dropapp.json",
            """
            {"name": "Broken", "version": "1.0.0", "entrypoint": "main.ts", "runtime": "fetch"}
            """)
        .write("apps/crashing/main.ts", CRASHING)
        .write(
            "apps/crashing/dropapp.json",
            """
            {"name": "Crashing", "version": "1.0.0", "entrypoint": "main.ts", "runtime": "fetch"}
            """)
        .write(
            "apps/more.yaml",
            """
            apiVersion: dropserver.io/v1
            kind: App
            metadata: {name: broken}
            spec:
              versions:
                - {version: 1.0.0, source: {path: apps/broken}}
            ---
            apiVersion: dropserver.io/v1
            kind: App
            metadata: {name: crashing}
            spec:
              versions:
                - {version: 1.0.0, source: {path: apps/crashing}}
            ---
            apiVersion: dropserver.io/v1
            kind: App
            metadata: {name: garden}
            spec:
              follow: {tags: "v*"}
              versions:
                - version: 1.0.0
                  source: {git: "file://%s", commit: %s}
            """
                .formatted(garden.remote(), garden.head()))
        .write("appspaces/broken.yaml", appspace("broken", "broken", "running"))
        .write("appspaces/crashing.yaml", appspace("crashing", "crashing", "running"))
        .write("appspaces/garden.yaml", appspace("garden", "garden", "running"))
        .write("appspaces/resting.yaml", appspace("resting", "garden", "paused"))
        .push("More appspaces");
  }

  private static String appspace(String name, String app, String state) {
    return """
    apiVersion: dropserver.io/v1
    kind: Appspace
    metadata: {name: %s}
    spec:
      app: {name: %s, version: 1.0.0}
      owner: alice
      access: members
      members: [{user: bob}]
      state: %s
    """
        .formatted(name, app, state);
  }

  /** Pushes a version of the app and tags it. */
  private static void publish(ConfigRepository garden, String version) throws IOException {
    garden
        .write(
            "dropapp.json",
            """
            {"name": "Garden", "version": "%s", "entrypoint": "main.ts", "runtime": "fetch"}
            """
                .formatted(version))
        .write("main.ts", GARDEN)
        .push("Version " + version);
    garden.git("tag", "v" + version);
    garden.git("push", "--quiet", "origin", "v" + version);
  }

  private static void backUp(LiveInstance instance) throws IOException {
    BackupOrder now =
        new BackupOrder(
            BackupVerb.NOW, Optional.of("notes"), Optional.empty(), Optional.empty(), List.of());
    var _ = new BackupClient(instance.state()).run(now, step -> {});
  }
}
