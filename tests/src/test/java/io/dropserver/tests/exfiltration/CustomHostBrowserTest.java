package io.dropserver.tests.exfiltration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dropserver.tests.browser.Chromium;
import io.dropserver.tests.browser.Firefox;
import io.dropserver.tests.endtoend.LiveInstance;
import io.dropserver.web.control.UserClient;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Members use an appspace at a host that is another site than the shell, and the next appspace of
 * that host finds nothing of it. Each app reports to its own server what it finds in the browser.
 */
class CustomHostBrowserTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(60);
  private static final String HOST = "wiki.elsewhere.localhost";

  /** NAME is replaced by the app's name. The cookie "served" is set by the app's server. */
  private static final String MAIN =
      """
      const seen: string[] = [];
      const script = `(async () => {
        const found = [
          "local:" + (localStorage.left ?? "-"),
          "session:" + (sessionStorage.left ?? "-"),
          "scripted:" + document.cookie,
        ];
        localStorage.left = sessionStorage.left = "NAME";
        document.cookie = "__Host-loose=NAME; Secure; Path=/; SameSite=None";
        document.cookie = "__Host-kept=NAME; Secure; Path=/; SameSite=None; Partitioned";
        await fetch("/report?" + encodeURIComponent(found.join(" ")), { method: "POST" });
        const socket = new WebSocket("/socket");
        socket.onopen = () => socket.send("hello");
      })();`;

      export default {
        fetch(request: Request): Response {
          const { pathname, search } = new URL(request.url);
          const user = request.headers.get("dropserver-user-name") ?? "nobody";
          const host = request.headers.get("host");
          const cookie = request.headers.get("cookie") ?? "-";
          switch (pathname) {
            case "/page.js":
              return new Response(script, { headers: { "content-type": "text/javascript" } });
            case "/report":
              seen.push(`${user} ${host} ${decodeURIComponent(search.slice(1))} cookie:${cookie}`);
              return new Response("noted");
            case "/socket": {
              const { socket, response } = Deno.upgradeWebSocket(request);
              socket.onmessage = (event) => seen.push(`socket ${user} ${event.data}`);
              return response;
            }
            case "/seen":
              return new Response(seen.join("\\n"));
            default:
              return new Response(
                `<!doctype html><title>NAME</title><p>The page of NAME</p>
                <script src="/page.js"></script>`,
                {
                  headers: {
                    "content-type": "text/html; charset=utf-8",
                    "set-cookie": "served=NAME; HttpOnly; SameSite=Strict",
                  },
                },
              );
          }
        },
      };
      """;

  private static final String DOCUMENTS =
      """
      apiVersion: dropserver.io/v1
      kind: Instance
      metadata: {name: pages}
      spec:
        domain: %s
        reconcile: {interval: 1h}
      ---
      apiVersion: dropserver.io/v1
      kind: User
      metadata: {name: alice}
      spec: {displayName: Alice, role: admin}
      ---
      apiVersion: dropserver.io/v1
      kind: App
      metadata: {name: first}
      spec: {versions: [{version: 1.0.0, source: {path: apps/first}}]}
      ---
      apiVersion: dropserver.io/v1
      kind: App
      metadata: {name: second}
      spec: {versions: [{version: 1.0.0, source: {path: apps/second}}]}
      """
          .formatted(LiveInstance.DOMAIN);

  @TempDir private Path folder;

  enum Kind {
    CHROMIUM,
    FIREFOX;

    DrivenBrowser start(Path folder) throws IOException {
      return switch (this) {
        case CHROMIUM ->
            DrivenChromium.start(Chromium.program(), folder.resolve("profile"), Map.of());
        case FIREFOX -> DrivenFirefox.start(Firefox.program(), folder);
      };
    }
  }

  private LiveInstance instance() throws IOException {
    LiveInstance instance = LiveInstance.create(folder);
    instance.repository().write("instance.yaml", DOCUMENTS);
    for (String app : new String[] {"first", "second"}) {
      instance
          .repository()
          .write(
              "apps/" + app + "/dropapp.json",
              """
              {"name": "%s", "version": "1.0.0", "entrypoint": "main.ts", "runtime": "fetch"}
              """
                  .formatted(app))
          .write("apps/" + app + "/main.ts", MAIN.replace("NAME", app));
    }
    instance.start();
    return instance;
  }

  /** Gives the custom host to one of the two appspaces, and waits until it is there. */
  private static void giveHostTo(LiveInstance instance, String owner) throws IOException {
    for (String name : new String[] {"first", "second"}) {
      instance
          .repository()
          .write(
              "appspaces/" + name + ".yaml",
              """
              apiVersion: dropserver.io/v1
              kind: Appspace
              metadata: {name: %s}
              spec:
                app: {name: %s, version: 1.0.0}
                owner: alice
                publicPaths: [/seen]
                hosts: [%s]
              """
                  .formatted(name, name, name.equals(owner) ? HOST : ""));
    }
    instance.repository().push("Give the host to " + owner);
    assertThat(instance.sync().served()).isTrue();
    await().atMost(TIMEOUT).until(() -> instance.statedUrl(owner).equals(instance.urlAt(HOST, "")));
  }

  private static String seen(LiveInstance instance, String appspace)
      throws IOException, InterruptedException {
    return instance.get(appspace, "/seen").body();
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void aMemberIsKnownThereAndTheNextAppspaceFindsNothing(Kind kind) throws Exception {
    try (LiveInstance instance = instance();
        DrivenBrowser browser = kind.start(folder)) {
      giveHostTo(instance, "first");
      Tab tab = browser.open();
      tab.go(new UserClient(instance.state()).enroll("alice", true));
      await().atMost(TIMEOUT).until(() -> tab.containsText("Your appspaces"));
      tab.go(instance.urlAt(HOST, "/deep?x=1"));
      await().atMost(TIMEOUT).until(() -> tab.containsText("The page of first"));
      String at = "Alice " + instance.urlAt(HOST, "").replace("http://", "") + " ";
      await()
          .atMost(TIMEOUT)
          .untilAsserted(
              () ->
                  assertThat(seen(instance, "first"))
                      .startsWith(at + "local:- session:- scripted: cookie:served=first")
                      .contains("socket Alice hello"));

      tab.go(instance.shell("/a/first/"));
      await()
          .atMost(TIMEOUT)
          .untilAsserted(
              () ->
                  assertThat(seen(instance, "first").lines().filter(line -> line.startsWith(at)))
                      .as("storage and cookies last, through the name of the appspace too")
                      .anySatisfy(
                          line ->
                              assertThat(line)
                                  .contains("local:first session:first", "__Host-kept=first")
                                  .contains("served=first", "kept=first")));

      giveHostTo(instance, "second");
      tab.go(instance.urlAt(HOST, "/"));
      await().atMost(TIMEOUT).until(() -> tab.containsText("The page of second"));
      await()
          .atMost(TIMEOUT)
          .untilAsserted(
              () ->
                  assertThat(seen(instance, "second"))
                      .startsWith(at + "local:- session:- scripted: cookie:served=second"));
      assertThat(seen(instance, "second")).doesNotContain("first");
    }
  }
}
