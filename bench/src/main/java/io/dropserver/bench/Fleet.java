package io.dropserver.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A generated instance repository: one small app and any number of appspaces, with a bare
 * repository as remote and a working copy to push from.
 *
 * @param remote the bare repository
 * @param work the working copy
 */
record Fleet(Workshop workshop, Path remote, Path work, int size) {

  static final String DOMAIN = "bench.localhost";

  static Fleet create(Workshop workshop, int size) throws IOException, InterruptedException {
    Path folder = workshop.folder("fleet");
    Fleet fleet = new Fleet(workshop, folder.resolve("remote.git"), folder.resolve("work"), size);
    workshop.run(folder, "git", "init", "-q", "--bare", "-b", "main", fleet.remote.toString());
    workshop.run(folder, "git", "init", "-q", "-b", "main", fleet.work.toString());
    fleet.git("config", "user.name", "Bench");
    fleet.git("config", "user.email", "bench@localhost");
    fleet.git("config", "gc.auto", "0");
    fleet.git("remote", "add", "origin", fleet.remote.toString());
    fleet.write("instance.yaml", INSTANCE);
    fleet.write("users.yaml", USER);
    fleet.write("apps/hello.yaml", APP);
    fleet.write("apps/hello/dropapp.json", MANIFEST);
    fleet.write("apps/hello/main.ts", PROGRAM);
    for (int i = 0; i < size; i++) {
      fleet.write("appspaces/" + name(i) + ".yaml", appspace(i, "128Mi"));
    }
    fleet.push("Declare " + size + " appspaces");
    return fleet;
  }

  static String name(int index) {
    return String.format("space-%05d", index);
  }

  static String host(int index) {
    return name(index) + "." + DOMAIN;
  }

  /** Changes one appspace and pushes; returns the new commit. */
  String change(int index, String memory) throws IOException, InterruptedException {
    write("appspaces/" + name(index) + ".yaml", appspace(index, memory));
    return push("Give " + name(index) + " " + memory);
  }

  /** Adds one appspace and pushes. */
  String add(int index) throws IOException, InterruptedException {
    write("appspaces/" + name(index) + ".yaml", appspace(index, "128Mi"));
    return push("Add " + name(index));
  }

  private String push(String message) throws IOException, InterruptedException {
    git("add", "-A");
    git("commit", "-q", "-m", message);
    git("push", "-q", "origin", "main");
    return git("rev-parse", "HEAD").strip();
  }

  private String git(String... arguments) throws IOException, InterruptedException {
    String[] command = new String[arguments.length + 1];
    command[0] = "git";
    System.arraycopy(arguments, 0, command, 1, arguments.length);
    return workshop.run(work, command);
  }

  private void write(String path, String text) throws IOException {
    Path file = work.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private static String appspace(int index, String memory) {
    return """
    apiVersion: dropserver.io/v1
    kind: Appspace
    metadata: {name: %s}
    spec:
      app: {name: hello, version: 1.0.0}
      owner: alice
      access: public
      limits: {memory: %s, cpu: 1000m, storage: 64Mi, idleTimeout: 10m}
    """
        .formatted(name(index), memory);
  }

  private static final String INSTANCE =
      """
      apiVersion: dropserver.io/v1
      kind: Instance
      metadata: {name: bench}
      spec:
        domain: %s
        reconcile: {interval: 1h}
      """
          .formatted(DOMAIN);

  private static final String USER =
      """
      apiVersion: dropserver.io/v1
      kind: User
      metadata: {name: alice}
      spec: {displayName: Alice, role: admin}
      """;

  private static final String APP =
      """
      apiVersion: dropserver.io/v1
      kind: App
      metadata: {name: hello}
      spec:
        versions:
          - {version: 1.0.0, source: {path: apps/hello}}
      """;

  private static final String MANIFEST =
      """
      {"name": "Hello", "version": "1.0.0", "entrypoint": "main.ts", "runtime": "fetch"}
      """;

  /** Also what the bare Deno of the peers serves. */
  static final String PROGRAM =
      """
      export default {
        fetch(): Response {
          return new Response("Hello from a sandbox.\\n", {
            headers: { "content-type": "text/plain" },
          });
        },
      };
      """;
}
