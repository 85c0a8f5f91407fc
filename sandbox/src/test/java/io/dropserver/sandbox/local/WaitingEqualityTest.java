package io.dropserver.sandbox.local;

import static io.dropserver.sandbox.local.TestHost.answering;
import static io.dropserver.sandbox.local.TestHost.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dropserver.sandbox.Sandbox;
import io.dropserver.sandbox.SandboxSpec;
import io.dropserver.sandbox.linux.FileOwner;
import io.dropserver.schema.instance.AppRuntime;
import io.dropserver.schema.instance.Appspace.Isolation;
import io.dropserver.schema.instance.DropappManifest.LaunchOptions;
import io.dropserver.schema.instance.DropappManifest.WorkingFolder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** An app in a sandbox that waited sees what it sees in an ordinary one. */
class WaitingEqualityTest extends WaitingFixture {
  /** What an app can see and do. */
  private static final String ATTEMPTS =
      """
      (async () => {
        const attempt = async (f) => { try { return await f(); } catch (e) { return e.name; } };
        localStorage.setItem("n", String(Number(localStorage.getItem("n") ?? 0) + 1));
        return JSON.stringify([
          await attempt(() => Deno.writeTextFile("/data/x", "1")),
          await attempt(() => Deno.writeTextFile("/app/x", "1")),
          await attempt(() => Deno.readTextFile("/proc/self/mountinfo")),
          await attempt(async () => (await fetch("http://example.org/")).status),
          await attempt(() => [...Deno.readDirSync("/data")].map((e) => e.name).sort()),
          await attempt(() => [...Deno.readDirSync("/data/.dropserver")].length),
          await attempt(() => Deno.writeTextFile("/data/.dropserver/x", "1")),
          await attempt(() => [...Deno.readDirSync("/run/dropserver")].map((e) => e.name)),
          Deno.pid, Deno.uid(), Deno.gid(), Deno.cwd(),
          Deno.lstatSync("/data").uid, Deno.lstatSync("/data").mode,
          Object.entries(Deno.env.toObject()).sort(),
          dropserver.appspace, dropserver.config, request.url,
          Object.getOwnPropertyNames(globalThis).length,
        ]);
      })()
      """;

  @Test
  void anAppSeesNoDifferenceToAnOrdinaryStart() throws Exception {
    SortedMap<String, String> config = new TreeMap<>();
    config.put("LARGE", "x".repeat(100_000));
    config.put("SECRET", "two\nlines and \u00fc\u2028");
    SandboxSpec spec = with(test.spec(answering(ATTEMPTS)), config, Isolation.NAMESPACES);
    var _ = response(spec); // makes the files
    String ordinary = response(spec);
    String waiting = responseOfWaiting(spec);
    assertThat(waiting).isEqualTo(ordinary).contains("NotCapable", "two", "[\"egress.sock\"]");
    try (Stream<Path> files = Files.walk(spec.dataFolder())) {
      for (Path each : files.toList()) {
        assertThat(FileOwner.of(each)).as("%s", each).isEqualTo(spec.uid());
      }
    }
  }

  @Test
  void dataAndLocalStorageAreTheSameInBothKindsOfStarts() throws Exception {
    SandboxSpec spec =
        test.spec(
            answering(
                """
                (localStorage.setItem("n", (localStorage.getItem("n") ?? "") + "x"),
                 Deno.writeTextFileSync("/data/n", "y", {append: true}),
                 localStorage.getItem("n") + Deno.readTextFileSync("/data/n"))
                """));
    assertThat(response(spec)).isEqualTo("xy");
    assertThat(responseOfWaiting(spec)).isEqualTo("xxyy");
    assertThat(response(spec)).isEqualTo("xxxyyy");
    assertThat(responseOfWaiting(spec)).isEqualTo("xxxxyyyy");
  }

  @Test
  void theManifestHasTheSameEffectInBothKindsOfStarts() throws Exception {
    for (WorkingFolder cwd : WorkingFolder.values()) {
      SandboxSpec spec =
          test.spec(
              """
              import process from "node:process";
              const kv = await Deno.openKv();
              const n = ((await kv.get<number>(["n"])).value ?? 0) + 1;
              await kv.set(["n"], n);
              kv.close();
              const input = await Deno.stdin.read(new Uint8Array(1));
              Deno.serve(() => new Response(JSON.stringify([
                n % 1, input, Deno.cwd(), process.cwd(), Deno.args, process.argv, process.argv0,
                Deno.mainModule, import.meta.main, import.meta.url, process.env.GREETING,
                Object.entries(process.env).sort(), Deno.env.get("__proto__"), Deno.execPath(),
                Deno.readTextFileSync("/data/made/by.txt"), Deno.readTextFileSync("by.txt"),
                Object.keys(Deno).sort(), new Error().stack, process.title, process.pid,
                process.memoryUsage().rss > 0, typeof Worker, process.stdin.isTTY,
              ])));
              """,
              AppRuntime.SERVE, TestHost.LIMITS);
      Path app = spec.app().files();
      Files.writeString(app.resolve("by.txt"), "x");
      Files.writeString(
          app.resolve("dropapp.json"), "{\"files\": {\"by.txt\": \"x\", \"made/by.txt\": \"y\"}}");
      Files.writeString(spec.app().denoConfig(), "{\"unstable\": [\"kv\"]}");
      SortedMap<String, String> env = new TreeMap<>();
      env.put("GREETING", "hello = \u00e4");
      env.put("__proto__", "odd");
      SortedMap<String, String> files = new TreeMap<>();
      files.put("by.txt", "x");
      files.put("made/by.txt", "y");
      spec =
          with(
              spec,
              new LaunchOptions(
                  List.of("--allow-all", "--preload", "/app/by.txt"), env, cwd, files));
      String ordinary = response(spec);
      assertThat(ordinary).contains("--allow-all", "hello", "odd");
      assertThat(responseOfWaiting(spec)).isEqualTo(ordinary);
      assertThat(spec.dataFolder().resolve(".dropserver/kv.sqlite3")).exists();
    }
  }

  /** A person who administers the machine may have put a file there. */
  @Test
  void filesOfOtherUsersBehaveTheSameInBothKindsOfStarts() throws Exception {
    SandboxSpec spec =
        test.spec(
            answering(
                """
                ["root", "group", "person"].map((name) => {
                  const file = "/data/" + name;
                  const attempt = (f) => { try { return f(); } catch (e) { return e.message; } };
                  return [
                    attempt(() => Deno.readTextFileSync(file)),
                    attempt(() => Deno.statSync(file).uid + "/" + Deno.statSync(file).gid),
                    attempt(() => Deno.writeTextFileSync(file, "2")),
                    attempt(() => Deno.renameSync(file, file + "2")),
                    attempt(() => Deno.removeSync(file + "2")),
                  ].join();
                }).join("\\n")
                """));
    var _ = response(spec);
    Path data = spec.dataFolder();
    List<String> responses = new ArrayList<>();
    for (boolean waits : new boolean[] {false, true}) {
      FileOwner.set(Files.writeString(data.resolve("root"), "1"), 0);
      FileOwner.set(Files.writeString(data.resolve("group"), "1"), spec.uid(), 0);
      FileOwner.set(Files.writeString(data.resolve("person"), "1"), 1000);
      responses.add(waits ? responseOfWaiting(spec) : response(spec));
      try (Stream<Path> left = Files.list(data)) {
        assertThat(left).hasSize(1);
      }
    }
    assertThat(responses.get(1)).isEqualTo(responses.get(0));
  }

  @Test
  void theAppHasTheSameDescriptorsInBothKindsOfStarts() throws Exception {
    SandboxSpec spec = test.spec(answering("1"));
    SandboxSpec other = test.spec(answering("1"));
    Sandbox ordinary = test.host.start(spec);
    ProcessHandle process = denos().getFirst();
    ProcessHandle waiting = keepWaiting(spec);
    Sandbox sandbox = test.host.start(other.withData(other.dataFolder(), other.uid(), spec.app()));
    // It answers after it has begun to listen for signals.
    assertThat(get(ordinary) + get(sandbox)).isEqualTo("11");
    await("connections of starts and requests are closed")
        .untilAsserted(() -> assertThat(descriptors(waiting)).isEqualTo(descriptors(process)));
    ordinary.stop(GRACE);
    sandbox.stop(GRACE);
  }
}
