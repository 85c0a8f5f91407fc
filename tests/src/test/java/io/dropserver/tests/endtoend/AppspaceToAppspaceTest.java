package io.dropserver.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Appspaces of one instance reach each other if a whitelist permits it, with the access of any
 * user.
 */
class AppspaceToAppspaceTest {
  /**
   * {@code /ask?url=} fetches. {@code /bounce} calls the same path of another appspace, which calls
   * back, and {@code /bounces} counts these calls. Every other path returns the caller and the
   * request.
   */
  private static final String APP =
      """
      let bounces = 0;

      async function bounce(self: string, other: string): Promise<Response> {
        bounces++;
        const next = new URL("/bounce", other);
        next.searchParams.set("other", new URL(self).origin);
        try {
          const answer = await fetch(next);
          return new Response(answer.ok ? await answer.text() : String(answer.status));
        } catch (error) {
          return new Response((error as Error).message);
        }
      }

      export default {
        async fetch(request: Request) {
          const { pathname, searchParams } = new URL(request.url);
          if (pathname === "/bounce") return await bounce(request.url, searchParams.get("other")!);
          if (pathname === "/bounces") return new Response(String(bounces));
          if (pathname !== "/ask") {
            return Response.json([request.method, request.url, Object.fromEntries(request.headers)]);
          }
          try {
            const answer = await fetch(searchParams.get("url")!, {
              method: searchParams.get("method") ?? "GET",
              headers: {
                "Dropserver-User": "alice",
                "Dropserver-Job": "tick",
                "X-Forwarded-For": "1.2.3.4",
                Cookie: "a=b",
              },
            });
            return new Response(answer.status + " " + await answer.text());
          } catch (error) {
            return new Response((error as Error).message);
          }
        },
      };
      """;

  @TempDir Path folder;

  @SuppressWarnings("NullAway.Init") // set before each test
  private LiveInstance instance;

  @BeforeEach
  void start() throws Exception {
    instance = LiveInstance.tiny(folder);
    ConfigRepository repository = instance.repository();
    repository.write("apps/one/main.ts", APP);
    for (String name : new String[] {"asker", "open", "other", "closed"}) {
      repository.write(
          "appspaces/" + name + ".yaml",
          MinimalInstance.appspace(name, "1.0.0", false, 192)
              .replace(
                  "access: public", name.equals("closed") ? "access: members" : "access: public"));
    }
    whitelist("{appspace: open}", "{appspace: closed}");
    instance.start();
    await()
        .atMost(LiveInstance.TIMEOUT)
        .untilAsserted(() -> assertThat(instance.status().ready()).as(instance.log()).isTrue());
  }

  @AfterEach
  void stop() {
    instance.close();
  }

  private void whitelist(String... entries) throws Exception {
    instance
        .repository()
        .write(
            "egress/asker.yaml",
            """
            apiVersion: dropserver.io/v1
            kind: EgressWhitelist
            metadata: {name: asker}
            spec: {appspace: asker, allow: [%s]}
            """
                .formatted(String.join(", ", entries)));
    instance.repository().push("Whitelist of the asker");
  }

  private String url(String appspace, String path) {
    String url = instance.object("Appspace", appspace).url().orElseThrow();
    return URI.create(url).resolve(path).toString();
  }

  private String ask(String url, String more) throws Exception {
    String query = "/ask?url=" + URLEncoder.encode(url, StandardCharsets.UTF_8) + more;
    return instance.get("asker", query).body();
  }

  @Test
  void anAppspaceReachesOnlyWhitelistedAppspacesAndOnlyAsAGuest() throws Exception {
    String response = ask(url("open", "/some?q=1"), "&method=POST");
    assertThat(response)
        .startsWith("200 [\"POST\",\"" + url("open", "/some?q=1"))
        .doesNotContainIgnoringCase("dropserver-user", "dropserver-job", "1.2.3.4", "asker");
    assertThat(ask(url("open", "/.dropserver/cron"), "&method=POST")).doesNotContain("[\"POST\"");
    assertThat(ask(url("closed", "/"), "")).startsWith("404 ").contains("members only");

    String never = "of this instance's own names, an app can reach only appspaces";
    assertThat(ask(url("other", "/"), "")).contains(never);
    assertThat(ask(url("asker", "/"), "")).contains(never);
    assertThat(ask(instance.status().shellUrl() + "/", "")).contains(never);
    assertThat(ask(url("open", "/").replaceAll(":[0-9]+/", ":1024/"), "")).contains(never);
    assertThat(ask("http://127.0.0.1" + url("open", "/").replaceAll(".*(:[0-9]+/).*", "$1"), ""))
        .contains("not a public destination");

    whitelist("{appspace: closed}");
    instance.sync();
    await()
        .atMost(LiveInstance.TIMEOUT)
        .untilAsserted(() -> assertThat(ask(url("open", "/"), "")).contains(never));
  }

  @Test
  void appspacesThatCallEachOtherForEverAreEndedAndStillServeVisitors() throws Exception {
    instance
        .repository()
        .write(
            "egress/open.yaml",
            """
            apiVersion: dropserver.io/v1
            kind: EgressWhitelist
            metadata: {name: open}
            spec: {appspace: open, allow: [{appspace: asker}]}
            """);
    instance.repository().push("Whitelist of the other");
    instance.sync();
    String other = URLEncoder.encode(url("open", "/"), StandardCharsets.UTF_8);
    // The last call exceeds the share of its caller.
    assertThat(instance.get("asker", "/bounce?other=" + other).body()).isEqualTo("429");
    for (String appspace : new String[] {"asker", "open"}) {
      assertThat(Integer.parseInt(instance.get(appspace, "/bounces").body()))
          .as(appspace)
          .isBetween(64, 65);
    }
  }
}
