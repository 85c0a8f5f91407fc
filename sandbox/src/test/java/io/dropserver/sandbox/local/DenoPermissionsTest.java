package io.dropserver.sandbox.local;

import static io.dropserver.sandbox.local.TestHost.answering;
import static io.dropserver.sandbox.local.TestHost.get;
import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.sandbox.Sandbox;
import io.dropserver.sandbox.SandboxSpec;
import io.dropserver.sandbox.deno.DenoLayer;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What Deno's permission lists refuse in a sandbox, and what an app is told. A worker runs no
 * preload, so its results are those of Deno alone.
 */
@Tag("slow")
@Timeout(120)
class DenoPermissionsTest {
  private static final String NO_LISTENER =
      "an app has no network to listen on: Deno.serve or node:http serves it";

  private static final String NO_PROGRAMS =
      "an app may not start programs; use a Worker, or a package in JavaScript or WebAssembly";

  private static final String UMASK = "an app may not change its umask: use chmod";

  /** Expressions, and the messages of their errors in the main thread. */
  private static final Map<String, String> REFUSED =
      Map.ofEntries(
          Map.entry(
              "Deno.readTextFileSync('/etc/passwd')",
              "Requires read access to \"/etc/passwd\": an app may read only /app, /data and /tmp"),
          Map.entry(
              "Deno.readTextFile('../etc/passwd')",
              "Requires read access to \"../etc/passwd\": an app may read only /app, /data and"
                  + " /tmp; relative paths start in /data, and \"cwd\" in dropapp.json chooses /app"
                  + " or /data"),
          Map.entry(
              "Deno.readTextFileSync('/dropserver/deno.json')",
              "Requires read access to \"/dropserver/deno.json\": an app may read only /app, /data"
                  + " and /tmp"),
          Map.entry(
              "import('node:fs').then((fs) => fs.readFileSync('/proc/self/environ'))",
              "Requires read access to \"/proc/self/environ\": an app may read only /app, /data and"
                  + " /tmp"),
          Map.entry(
              "Deno.writeTextFileSync('/app/main.ts', '')",
              "Requires write access to \"/app/main.ts\": an app may write only /data and /tmp"),
          Map.entry(
              "Deno.writeTextFileSync('/dropserver/cache/x', '')",
              "Requires write access to \"/dropserver/cache/x\": an app may write only /data and"
                  + " /tmp"),
          Map.entry(
              "new Deno.Command('/bin/sh').outputSync()",
              "Requires run access to \"/bin/sh\": " + NO_PROGRAMS),
          Map.entry("Deno.kill(1)", "Requires run access: " + NO_PROGRAMS),
          Map.entry(
              "Deno.dlopen('/data/x.so', {})",
              "Requires ffi access to \"/data/x.so\": an app loads no native addon and no native"
                  + " library; use node:sqlite for SQLite, or a package in JavaScript or"
                  + " WebAssembly"),
          Map.entry(
              "import('node:os').then((os) => os.userInfo())",
              "Requires sys access to \"userInfo\": an app may not read information about the"
                  + " machine; take it from the appspace's config"),
          Map.entry(
              "Deno.connect({transport: 'unix', path: '/var/run/docker.sock'})",
              "Requires read access to \"/var/run/docker.sock\": an app may read only /app, /data"
                  + " and /tmp"),
          Map.entry("Deno.listen({port: 8081})", NO_LISTENER),
          Map.entry("Deno.listen({port: 0})", NO_LISTENER),
          Map.entry("Deno.listenTls({port: 8081, key: '', cert: ''})", NO_LISTENER),
          Map.entry(
              "Deno.openKv('/dropserver/x.kv')",
              "Requires read access to \"/dropserver/x.kv\": an app may read only /app, /data and"
                  + " /tmp"),
          Map.entry(
              "Deno.openKv('/app/x.kv')",
              "Requires write access to \"/app/x.kv\": an app may write only /data and /tmp"),
          Map.entry("Deno.umask(0)", UMASK),
          Map.entry("process.umask(0)", UMASK),
          Map.entry("import('node:process').then((it) => it.default.umask(0o77))", UMASK));

  @TempDir private Path folder;
  private TestHost test;
  private Sandbox sandbox;

  @BeforeEach
  void start() throws IOException {
    test = new TestHost(folder, DenoLayer.ON, TestHost.TIMEOUT);
    String run =
        """
        (async (text) => {
          if (!text.startsWith('worker:')) return await (0, eval)(text);
          const source = `
            try { postMessage('got ' + await (0, eval)(${JSON.stringify(text.slice(7))})); }
            catch (error) { postMessage(error.name); }`;
          const url = 'data:text/javascript,' + encodeURIComponent(source);
          const worker = new Worker(url, { type: 'module' });
          return await new Promise((answer) => worker.onmessage = (event) => answer(event.data));
        })(decodeURIComponent(new URL(request.url).search.slice(1)))\
        """;
    // An app that names process.umask gets the preload of apps that use Node's modules.
    SandboxSpec spec = test.spec("// process.umask\n" + answering(run));
    Files.writeString(spec.app().denoConfig(), "{\"unstable\": [\"kv\"]}"); // as of every app
    sandbox = test.host.start(spec);
  }

  @AfterEach
  void close() {
    test.close();
  }

  @Test
  void aRefusalNamesTheThingAndTheReason() throws IOException {
    for (Map.Entry<String, String> refused : REFUSED.entrySet()) {
      assertThat(evaluate(refused.getKey()))
          .as(refused.getKey())
          .isEqualTo("NotCapable: " + refused.getValue());
    }
  }

  @Test
  void aWorkerGetsNothingThatTheMainThreadIsRefused() throws IOException {
    for (String refused : REFUSED.keySet()) {
      assertThat(evaluate("worker:" + refused)).as(refused).isNotEmpty().doesNotStartWith("got ");
    }
  }

  @Test
  void anAppSeesAndGivesUpItsPermissionsButGetsNoFurtherOnes() throws IOException {
    String request =
        "Promise.all(['run', 'ffi', 'import', 'read', 'write', 'sys'].map((name) =>"
            + " Deno.permissions.request({name}).then((it) => it.state)))";
    for (String where : List.of("", "worker:")) {
      assertThat(evaluate(where + request)).as(where).doesNotContain("granted");
    }
    assertThat(evaluate("Deno.permissions.query({name: 'net'}).then((it) => it.state)"))
        .isEqualTo("granted");
    String revoked =
        "Deno.permissions.revoke({name: 'write', path: '/data'}).then(() =>"
            + " Deno.permissions.request({name: 'write', path: '/data'})).then((it) => it.state)";
    assertThat(evaluate(revoked)).isNotEqualTo("granted");
    assertThat(evaluate("Deno.writeTextFileSync('/data/x', '')")).startsWith("NotCapable: ");
  }

  @Test
  void whatAppsNeedIsAllowedInTheMainThreadAndInAWorker() throws IOException {
    for (String where : List.of("", "worker:")) {
      for (String needed :
          List.of(
              "(Deno.writeTextFileSync('notes.txt', 'x'),"
                  + " Deno.readTextFileSync('/data/notes.txt'))",
              "Deno.readTextFileSync('/app/main.ts').slice(0, 0) + 'x'",
              "import('node:sqlite').then((it) => new it.DatabaseSync('/data/x.db').exec('CREATE"
                  + " TABLE IF NOT EXISTS t (x)') ?? 'x')",
              "Deno.makeTempDir().then(() => 'x')",
              "(Deno.env.toObject(), Deno.hostname(), Deno.uid(), Deno.cwd(), Deno.execPath(),"
                  + " 'x')",
              keyValue(""),
              keyValue("'/data/x.kv'"),
              keyValue("':memory:'"),
              "caches.open('a').then(() => 'x')",
              "import('node:crypto').then(() => 'x')")) {
        assertThat(evaluate(where + needed)).as(where + needed).isIn("x", "got x");
      }
    }
    assertThat(evaluate("(localStorage.setItem('a', 'x'), localStorage.getItem('a'))"))
        .isEqualTo("x");
    assertThat(evaluate("Deno.umask()")).isEqualTo("18");
    assertThat(evaluate("process.umask()")).isEqualTo("18");
  }

  /** Writes and reads a key-value database, with its queue. */
  private static String keyValue(String path) {
    return """
    Deno.openKv(%s).then(async (kv) => {
      const got = new Promise((answer) => kv.listenQueue(answer));
      await kv.set(['a'], await kv.enqueue('x') && await got);
      const { value } = await kv.get(['a']);
      kv.close();
      return value;
    })\
    """
        .formatted(path);
  }

  /** Deno's client speaks HTTP/2, and only to the gateway, which does not speak it. */
  @Test
  void aRemoteKeyValueDatabaseIsNotReached() throws IOException {
    String remote = "(Deno.env.set('DENO_KV_ACCESS_TOKEN', 'x'), Deno.openKv('http://192.0.2.1/'))";
    for (String where : List.of("", "worker:")) {
      assertThat(evaluate(where + remote))
          .as(where)
          .contains(where.isEmpty() ? "failed to connect" : "TypeError");
    }
  }

  private String evaluate(String expression) throws IOException {
    String query = URLEncoder.encode(expression, StandardCharsets.UTF_8).replace("+", "%20");
    return get(sandbox.address(), "/?" + query);
  }
}
