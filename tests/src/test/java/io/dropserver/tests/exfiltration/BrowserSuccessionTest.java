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
import java.util.Optional;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Checks what an app leaves in a browser when its host is assigned to another appspace, when its
 * version changes, and when its visitor logs out. Each app reports its findings to its own server,
 * so that the browser need not be inspected.
 */
class BrowserSuccessionTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  /** NAME is replaced by the app's name. All responses are marked as cacheable for ever. */
  private static final String MAIN =
      """
      const seen: string[] = [];
      const send = (body: string, type: string) =>
        new Response(body, {
          headers: { "content-type": type, "cache-control": "public, max-age=31536000, immutable" },
        });
      const page = `<!doctype html><title>NAME</title><p>The page of NAME</p>
        <script src="/asset.js"></script><script src="/page.js"></script>`;
      const script = `(async () => {
        const done = (request) =>
          new Promise((resolve, reject) => {
            request.onsuccess = () => resolve(request.result);
            request.onerror = reject;
          });
        const opening = indexedDB.open("db", 1);
        opening.onupgradeneeded = () => opening.result.createObjectStore("all");
        const db = await done(opening);
        const store = () => db.transaction("all", "readwrite").objectStore("all");
        const found = {
          local: localStorage.left,
          session: sessionStorage.left,
          state: history.state,
          database: await done(store().get("key")),
          caches: (await caches.keys()).join(),
          cookie: document.cookie,
          asset,
        };
        await done(store().put("NAME", "key"));
        await caches.open("NAME");
        localStorage.left = sessionStorage.left = "NAME";
        document.cookie = "__Host-key=NAME; Secure; Path=/";
        history.replaceState("NAME", "");
        const report = Object.entries(found).map(([name, value]) => name + ":" + (value || "-"));
        await fetch("/report?" + encodeURIComponent(report.join(" ")));
        setInterval(() => fetch("/still?NAME").catch(() => {}), 50);
      })();`;

      export default {
        fetch(request: Request): Response {
          const { pathname, search } = new URL(request.url);
          switch (pathname) {
            case "/asset.js":
              return send(`globalThis.asset = "NAME";`, "text/javascript");
            case "/page.js":
              return new Response(script, { headers: { "content-type": "text/javascript" } });
            case "/report":
            case "/still":
              seen.push(pathname + " " + decodeURIComponent(search.slice(1)));
              return new Response("noted");
            case "/seen":
              return new Response(seen.join("\\n"));
            default:
              return send(page, "text/html; charset=utf-8");
          }
        },
      };
      """;

  private static final String MANIFEST =
      """
      {"name": "NAME", "version": "VERSION", "entrypoint": "main.ts", "runtime": "fetch"}
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
      metadata: {name: early}
      spec:
        versions:
          - {version: 1.0.0, source: {path: apps/first}}
          - {version: 2.0.0, source: {path: apps/second}}
      ---
      apiVersion: dropserver.io/v1
      kind: App
      metadata: {name: late}
      spec:
        versions:
          - {version: 1.0.0, source: {path: apps/third}}
      """
          .formatted(LiveInstance.DOMAIN);

  @TempDir Path folder;

  enum SuccessionBrowser {
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
    app(instance, "first", "1.0.0");
    app(instance, "second", "2.0.0");
    app(instance, "third", "1.0.0");
    appspace(instance, "before", "early", "1.0.0");
    instance.start();
    sync(instance);
    return instance;
  }

  private static void app(LiveInstance instance, String name, String version) throws IOException {
    instance
        .repository()
        .write(
            "apps/" + name + "/dropapp.json",
            MANIFEST.replace("NAME", name).replace("VERSION", version))
        .write("apps/" + name + "/main.ts", MAIN.replace("NAME", name));
  }

  private static void appspace(LiveInstance instance, String name, String app, String version)
      throws IOException {
    instance
        .repository()
        .write(
            "appspaces/shared.yaml",
            """
            apiVersion: dropserver.io/v1
            kind: Appspace
            metadata: {name: %s}
            spec:
              app: {name: %s, version: %s}
              host: shared
              owner: alice
              access: members
              publicPaths: [/seen]
            """
                .formatted(name, app, version))
        .push("Give the host to " + name + " " + version);
  }

  private static void sync(LiveInstance instance) {
    assertThat(instance.sync().served()).isTrue();
  }

  private static void logIn(LiveInstance instance, Tab tab) {
    tab.go(new UserClient(instance.state()).enroll("alice", true));
    await().atMost(TIMEOUT).until(() -> tab.containsText("Your appspaces"));
  }

  /** Returns the findings of the app that is served now. */
  private static String seen(LiveInstance instance) throws IOException, InterruptedException {
    return instance.get("shared", "/seen").body();
  }

  private static String report(LiveInstance instance) {
    Callable<Optional<String>> last =
        () -> seen(instance).lines().filter(line -> line.startsWith("/report ")).findFirst();
    return await().atMost(TIMEOUT).until(last, Optional::isPresent).orElseThrow();
  }

  @ParameterizedTest
  @EnumSource(SuccessionBrowser.class)
  void aNewVersionClearsTheCacheAndANewAppspaceClearsAllData(SuccessionBrowser kind)
      throws Exception {
    try (LiveInstance instance = instance();
        DrivenBrowser browser = kind.start(folder)) {
      Tab tab = browser.open();
      logIn(instance, tab);
      tab.go(instance.shell("/a/before/"));
      assertThat(report(instance))
          .isEqualTo("/report local:- session:- state:- database:- caches:- cookie:- asset:first");

      appspace(instance, "before", "early", "2.0.0");
      sync(instance);
      tab.go(instance.shell("/a/before/"));
      assertThat(report(instance))
          .contains("local:first session:first", "database:first caches:first")
          .contains("cookie:__Host-key=first asset:second");

      await().atMost(TIMEOUT).until(() -> seen(instance).contains("/still second"));
      appspace(instance, "after", "late", "1.0.0");
      sync(instance);
      Tab other = browser.open();
      other.go(instance.shell("/a/after/"));
      assertThat(report(instance))
          .isEqualTo("/report local:- session:- state:- database:- caches:- cookie:- asset:third");
      await().atMost(TIMEOUT).until(() -> seen(instance).contains("/still third"));
      await().atMost(TIMEOUT).until(() -> !tab.containsText("The page of second"));
      assertThat(seen(instance)).as("of the page that was open").doesNotContain("/still second");
      assertThat(browser.statuses(instance.url("shared", "/.dropserver/enter?")))
          .as("the entrance starts again, in a process that the earlier app did not use")
          .containsExactly(403, 303, 403, 403);

      int reports = reports(instance);
      tab.go(instance.shell("/a/after/"));
      await().atMost(TIMEOUT).until(() -> reports(instance) > reports);
      assertThat(seen(instance)).as("in the tab of the earlier one").doesNotContain("second");
    }
  }

  private static int reports(LiveInstance instance) throws IOException, InterruptedException {
    return (int) seen(instance).lines().filter(line -> line.startsWith("/report ")).count();
  }

  @ParameterizedTest
  @EnumSource(SuccessionBrowser.class)
  void noPageIsShownAgainAfterALogOut(SuccessionBrowser kind) throws Exception {
    try (LiveInstance instance = instance();
        DrivenBrowser browser = kind.start(folder)) {
      Tab tab = browser.open();
      logIn(instance, tab);
      tab.go(instance.shell("/a/before/"));
      await().atMost(TIMEOUT).until(() -> tab.containsText("The page of first"));
      report(instance);
      tab.go(instance.shell("/account"));
      await().atMost(TIMEOUT).until(() -> tab.containsText("Where you are logged in"));
      new UserClient(instance.state()).revoke("alice", Optional.empty());
      tab.back();
      await().atMost(TIMEOUT).until(() -> tab.containsText("Log in with"));
      assertThat(tab.containsText("The page of first")).isFalse();
      tab.go(instance.url("shared", "/"));
      await().atMost(TIMEOUT).until(() -> tab.containsText("Log in with"));
      assertThat(tab.containsText("The page of first")).isFalse();
    }
  }
}
