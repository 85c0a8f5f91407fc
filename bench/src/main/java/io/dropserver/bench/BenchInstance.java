package io.dropserver.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;

/**
 * A generated instance repository: one small app and a number of appspaces, with a bare repository
 * as the remote and a working copy for pushes.
 *
 * @param remote the bare repository
 * @param work the working copy
 */
record BenchInstance(BenchEnvironment workshop, Path remote, Path work, int size) {

  static final String DOMAIN = "bench.localhost";

  static BenchInstance create(BenchEnvironment benchEnvironment, int size)
      throws IOException, InterruptedException {
    Path folder = benchEnvironment.folder("fleet");
    BenchInstance benchInstance =
        new BenchInstance(
            benchEnvironment, folder.resolve("remote.git"), folder.resolve("work"), size);
    benchEnvironment.run(
        folder, "git", "init", "-q", "--bare", "-b", "main", benchInstance.remote.toString());
    benchEnvironment.run(folder, "git", "init", "-q", "-b", "main", benchInstance.work.toString());
    benchInstance.git("config", "user.name", "Bench");
    benchInstance.git("config", "user.email", "bench@localhost");
    benchInstance.git("config", "gc.auto", "0");
    benchInstance.git("remote", "add", "origin", benchInstance.remote.toString());
    benchInstance.write("instance.yaml", INSTANCE);
    benchInstance.write("users.yaml", USER);
    benchInstance.write("apps/hello.yaml", APP);
    benchInstance.write("apps/hello/dropapp.json", MANIFEST);
    benchInstance.write("apps/hello/main.ts", PROGRAM);
    for (int i = 0; i < size; i++) {
      benchInstance.write("appspaces/" + name(i) + ".yaml", appspace(i, "128Mi"));
    }
    benchInstance.push("Declare " + size + " appspaces");
    return benchInstance;
  }

  /**
   * Creates a quiet appspace with number 0, and hostile ones from number 1. They run the app of the
   * hostile test suite, so that the benchmark includes every attack on the machine's resources that
   * is tested there.
   */
  static BenchInstance createHostile(BenchEnvironment benchEnvironment, int hostile)
      throws IOException, InterruptedException {
    BenchInstance benchInstance = create(benchEnvironment, 1);
    Path app = benchInstance.work.resolve("apps/hostile");
    copy(benchEnvironment.checkout().resolve("tests/src/test/hostile"), app);
    Files.writeString(app.resolve("resources/spin.ts"), SPIN);
    Files.writeString(app.resolve("resources/log-flood.ts"), LOG_FLOOD);
    benchInstance.write("apps/hostile.yaml", APP.replace("hello", "hostile"));
    for (int i = 1; i <= hostile; i++) {
      benchInstance.write(
          "appspaces/" + name(i) + ".yaml",
          appspace(i, "128Mi")
              .replace("{name: hello,", "{name: hostile,")
              .replace("1000m", "500m")
              // Idle sandboxes stop soon, so that leftovers become visible.
              .replace("idleTimeout: 10m", "idleTimeout: 10m, stopAfter: 10s"));
    }
    benchInstance.push("Declare " + hostile + " hostile appspaces");
    return benchInstance;
  }

  /** Creates one appspace that only its owner, alice, may enter. */
  static BenchInstance createMembersOnly(BenchEnvironment benchEnvironment)
      throws IOException, InterruptedException {
    BenchInstance benchInstance = create(benchEnvironment, 1);
    benchInstance.write(
        "appspaces/" + name(0) + ".yaml",
        appspace(0, "128Mi").replace("access: public", "access: members"));
    benchInstance.push("Restrict access to members");
    return benchInstance;
  }

  /**
   * Creates one appspace whose app fills its folder on {@code /fill} and keeps writing to SQLite.
   */
  static BenchInstance createWriting(BenchEnvironment benchEnvironment)
      throws IOException, InterruptedException {
    BenchInstance benchInstance = create(benchEnvironment, 1);
    benchInstance.write("apps/hello/main.ts", WRITER);
    benchInstance.write("apps/hello/dropapp.json", MANIFEST.replace("1.0.0", "1.1.0"));
    benchInstance.write("apps/hello.yaml", APP.replace("1.0.0", "1.1.0"));
    benchInstance.write(
        "appspaces/" + name(0) + ".yaml",
        appspace(0, "256Mi").replace("1.0.0", "1.1.0").replace("64Mi", "3Gi"));
    benchInstance.push("Let the app write");
    return benchInstance;
  }

  /** Creates appspaces that stop soon after their last use, and a last one that only sleeps. */
  static BenchInstance createShortIdle(BenchEnvironment benchEnvironment, int size)
      throws IOException, InterruptedException {
    BenchInstance benchInstance = create(benchEnvironment, size);
    for (int i = 0; i < size; i++) {
      String rest = i < size - 1 ? "idleTimeout: 10m, stopAfter: 10s" : "idleTimeout: 1s";
      String text = appspace(i, "128Mi").replace("idleTimeout: 10m", rest);
      benchInstance.write("appspaces/" + name(i) + ".yaml", text);
    }
    benchInstance.push("Let them rest");
    return benchInstance;
  }

  /** Creates one appspace whose app fetches a given URL and returns the result. */
  static BenchInstance createFetching(BenchEnvironment benchEnvironment)
      throws IOException, InterruptedException {
    BenchInstance benchInstance = create(benchEnvironment, 1);
    benchInstance.write("apps/hello/main.ts", FETCHER);
    benchInstance.push("Let the app ask");
    return benchInstance;
  }

  /** Waits until the server has created a branch. */
  void awaitBranch(String branch, Duration limit) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + limit.toNanos();
    while (git("ls-remote", "--heads", "origin", branch).isBlank()) {
      if (System.nanoTime() > deadline) {
        throw new IOException("no branch " + branch + " after " + limit);
      }
      Thread.sleep(Duration.ofMillis(50));
    }
  }

  /** Merges a branch of the server, as an administrator does. */
  void merge(String branch) throws IOException, InterruptedException {
    git("fetch", "-q", "origin", branch);
    git("merge", "-q", "--no-ff", "-m", "Merge " + branch, "FETCH_HEAD");
  }

  void push() throws IOException, InterruptedException {
    git("push", "-q", "origin", "main");
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Path target = to.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.copy(file, target);
        }
      }
    }
  }

  static String name(int index) {
    return String.format("space-%05d", index);
  }

  static String host(int index) {
    return name(index) + "." + DOMAIN;
  }

  /** Changes one appspace and pushes. Returns the new commit. */
  String change(int index, String memory) throws IOException, InterruptedException {
    write("appspaces/" + name(index) + ".yaml", appspace(index, memory));
    return push("Give " + name(index) + " " + memory);
  }

  /** Adds one appspace and pushes. */
  String add(int index) throws IOException, InterruptedException {
    write("appspaces/" + name(index) + ".yaml", appspace(index, "128Mi"));
    return push("Add " + name(index));
  }

  /** Declares the appspaces from the current number up to {@code size}, in one push. */
  BenchInstance grow(int size) throws IOException, InterruptedException {
    for (int i = this.size; i < size; i++) {
      write("appspaces/" + name(i) + ".yaml", appspace(i, "128Mi"));
    }
    push("Declare " + size + " appspaces");
    return new BenchInstance(workshop, remote, work, size);
  }

  String push(String message) throws IOException, InterruptedException {
    git("add", "-A");
    git("commit", "-q", "-m", message);
    push();
    return git("rev-parse", "HEAD").strip();
  }

  private String git(String... arguments) throws IOException, InterruptedException {
    String[] command = new String[arguments.length + 1];
    command[0] = "git";
    System.arraycopy(arguments, 0, command, 1, arguments.length);
    return workshop.run(work, command);
  }

  void write(String path, String text) throws IOException {
    Path file = work.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  static String appspace(int index, String memory) {
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

  static final String APP =
      """
      apiVersion: dropserver.io/v1
      kind: App
      metadata: {name: hello}
      spec:
        versions:
          - {version: 1.0.0, source: {path: apps/hello}}
      """;

  static final String MANIFEST =
      """
      {"name": "Hello", "version": "1.0.0", "entrypoint": "main.ts", "runtime": "fetch"}
      """;

  private static final String SPIN =
      """
      // Uses all of a processor for two seconds.
      export const layer = "cgroup";
      export default function (): null {
        const end = Date.now() + 2000;
        while (Date.now() < end);
        return null;
      }
      """;

  private static final String LOG_FLOOD =
      """
      // Writes as much output as it can for two seconds.
      export const layer = "cgroup";
      export default function (): null {
        const end = Date.now() + 2000;
        const line = "x".repeat(4000);
        while (Date.now() < end) console.log(line);
        return null;
      }
      """;

  private static final String WRITER =
      """
      import { DatabaseSync } from "node:sqlite";
      const db = new DatabaseSync("/data/notes.db");
      db.exec("PRAGMA journal_mode = WAL; CREATE TABLE IF NOT EXISTS note (text TEXT)");
      const insert = db.prepare("INSERT INTO note VALUES (?)");
      let rounds = 0;
      function write(first: number, files: number): void {
        const bytes = new Uint8Array(1 << 20);
        for (let i = first; i < first + files; i++) {
          for (let at = 0; at < bytes.length; at += 65536) {
            crypto.getRandomValues(bytes.subarray(at, at + 65536));
          }
          Deno.writeFileSync(`/data/file-${i % 1024}`, bytes);
        }
      }
      export default {
        fetch(request: Request): Response {
          const path = new URL(request.url).pathname;
          if (path === "/fill") {
            write(0, 1024);
            setInterval(() => insert.run("A note of some length.".repeat(20)), 2);
          } else if (path === "/change") {
            write(10 * rounds++, 10);
          }
          return new Response("Written.\\n");
        },
      };
      """;

  private static final String FETCHER =
      """
      const process = crypto.randomUUID();
      export default {
        async fetch(request: Request): Promise<Response> {
          const url = new URL(request.url).searchParams.get("url")!;
          const outcome = await fetch(url).then((answer) => answer.text(), (error) => error.message);
          return new Response(`${process} ${outcome}`, {
            headers: { "content-type": "text/plain" },
          });
        },
      };
      """;

  /** The program that the apps and the plain Deno of the peers serve. */
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
