package io.dropserver.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A push removes an entry from a whitelist while the app has open streams. */
class PolicyChangeTest {
  /**
   * {@code /begin} opens a connection and keeps it open; {@code /states} returns the state of each.
   */
  private static final String APP =
      """
      import { get } from "node:http";
      const me = crypto.randomUUID();
      const states = new Map<string, string>();
      const begin: Record<string, (name: string, url: string) => void> = {
        fetch: (name, url) => {
          (async () => {
            const answer = await fetch(url);
            for await (const piece of answer.body!) {
              if (piece.length > 0) states.set(name, "open");
            }
            states.set(name, "cut");
          })().catch((error) => states.set(name, "cut " + error));
        },
        socket: (name, url) => {
          const socket = new WebSocket(url);
          socket.onopen = () => states.set(name, "open");
          socket.onclose = () => states.set(name, "cut");
        },
        node: (name, url) => {
          get(url, (answer) => {
            answer.on("data", () => states.set(name, "open"));
            answer.on("close", () => states.set(name, "cut"));
          }).on("error", (error) => states.set(name, "cut " + error));
        },
      };
      export default {
        fetch(request: Request) {
          const { pathname, searchParams } = new URL(request.url);
          if (pathname === "/begin") {
            begin[searchParams.get("by")!]!(searchParams.get("name")!, searchParams.get("url")!);
          }
          return new Response(me + JSON.stringify(Object.fromEntries(states)));
        },
      };
      """;

  @TempDir Path folder;

  @SuppressWarnings("NullAway.Init") // set before each test
  private EndlessResponseServer outside;

  @SuppressWarnings("NullAway.Init")
  private LiveInstance instance;

  @BeforeEach
  void start() throws Exception {
    outside = EndlessResponseServer.start();
    Path config = folder.resolve("dropserver.yaml");
    instance = LiveInstance.tiny(folder, "--config", config.toString());
    Files.writeString(
        config,
        """
        sandbox: {allowWeaker: [uid, cgroup, storage]}
        egress: {open: [127.0.0.1/32], hosts: {gone.test: 127.0.0.1, kept.test: 127.0.0.1}}
        """);
    instance.repository().write("apps/one/main.ts", APP);
    instance
        .repository()
        .write("appspaces/one.yaml", MinimalInstance.appspace("one", "1.0.0", false, 192));
    whitelist("gone.test", "kept.test");
    instance.start();
    await()
        .atMost(LiveInstance.TIMEOUT)
        .untilAsserted(() -> assertThat(instance.status().ready()).as(instance.log()).isTrue());
  }

  @AfterEach
  void stop() throws Exception {
    instance.close();
    outside.close();
  }

  private void whitelist(String... hosts) throws Exception {
    StringBuilder allow = new StringBuilder();
    for (String host : hosts) {
      allow.append("    - {url: \"http://%s:%d/\"}\n".formatted(host, outside.port()));
    }
    instance
        .repository()
        .write(
            "egress/one.yaml",
            """
            apiVersion: dropserver.io/v1
            kind: EgressWhitelist
            metadata: {name: one}
            spec:
              appspace: one
              allow:
            %s\
            """
                .formatted(allow));
    instance.repository().push("Whitelist " + String.join(" ", hosts));
  }

  private void begin(String by, String name, String scheme, String path) throws Exception {
    String url = scheme + "://" + name + ":" + outside.port() + path;
    instance.get(
        "one",
        "/begin?by=%s&name=%s&url=%s"
            .formatted(by, by + "-" + name, URLEncoder.encode(url, StandardCharsets.UTF_8)));
  }

  private String states() throws Exception {
    return instance.get("one", "/states").body();
  }

  @Test
  void aPushCutsOnlyConnectionsThatAreNoLongerAllowed() throws Exception {
    for (String host : java.util.List.of("gone.test", "kept.test")) {
      begin("fetch", host, "http", "/drip");
      begin("node", host, "http", "/drip");
      begin("socket", host, "ws", "/ws");
    }
    await()
        .atMost(LiveInstance.TIMEOUT)
        .untilAsserted(() -> assertThat(states().split("\"open\"", -1)).hasSize(7));
    String process = states().substring(0, 36);

    whitelist("kept.test");
    instance.sync();

    await()
        .atMost(LiveInstance.TIMEOUT)
        .untilAsserted(
            () ->
                assertThat(states())
                    .contains("\"fetch-gone.test\":\"cut")
                    .contains("\"node-gone.test\":\"cut")
                    .contains("\"socket-gone.test\":\"cut"));
    assertThat(states())
        .contains("\"fetch-kept.test\":\"open\"")
        .contains("\"node-kept.test\":\"open\"")
        .contains("\"socket-kept.test\":\"open\"")
        .startsWith(process);
    await().atMost(LiveInstance.TIMEOUT).until(() -> outside.open() == 3);
    assertThat(
            CommandLineProgram.run("egress", "log", "one", "--state", instance.state().toString())
                .out())
        .contains("cut", "gone.test");
  }
}
