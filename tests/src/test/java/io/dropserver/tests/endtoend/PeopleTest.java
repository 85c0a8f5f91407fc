package io.dropserver.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An app in a real sandbox asks the host for the members of its appspace. */
@Tag("slow")
class PeopleTest {
  private static final String APP =
      """
      import type { Dropserver } from "./dropserver.d.ts";
      import http from "node:http";
      const host = "http://host.dropserver.invalid/users";
      const node = () =>
        new Promise<string>((resolve, reject) =>
          http.get(host, (response) => {
            let text = "";
            response.on("data", (piece) => text += piece).on("end", () => resolve(text));
          }).on("error", reject)
        );
      export default {
        async fetch(request: Request, dropserver: Dropserver) {
          switch (new URL(request.url).pathname) {
            case "/users":
              return Response.json([dropserver.user, await dropserver.users()]);
            case "/tell": {
              const bob = (await dropserver.users()).find((user: any) => user.name === "Bob");
              const message = { title: "Åsa wrote\\u202e", body: "two\\nlines", path: "/n?id=7" };
              return new Response(
                await dropserver.notify(bob, message).then(() => "told", String),
              );
            }
            case "/fetch":
              return await fetch(host);
            case "/node":
              return new Response(await node());
            default:
              return new Response(await dropserver.users().then(() => "listed", String));
          }
        },
      };
      """;

  @TempDir Path folder;

  private static InetAddress loopback() {
    return InetAddress.ofLiteral("127.0.0.1");
  }

  @Test
  void anAppListsItsMembersInEachWayAndNotifiesOne() throws Exception {
    List<String> received = new CopyOnWriteArrayList<>();
    HttpServer hook = HttpServer.create(new InetSocketAddress(loopback(), 0), 0);
    hook.createContext(
        "/",
        exchange -> {
          received.add(
              new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
          exchange.sendResponseHeaders(204, -1);
          exchange.close();
        });
    hook.start();
    Path config = folder.resolve("dropserver.yaml");
    try (LiveInstance instance = MembersApp.create(folder, "--config", config.toString());
        MailReceiver mail = MailReceiver.open()) {
      Files.writeString(
          config,
          """
          egress: {open: [127.0.0.1/32]}
          mail: {host: 127.0.0.1, port: %d, tls: none-on-loopback, from: home@example.org}
          """
              .formatted(mail.port()));
      String url = "http://127.0.0.1:" + hook.getAddress().getPort() + "/hook";
      instance
          .repository()
          .replace(
              "instance.yaml",
              "displayName: Bob, role: member",
              "displayName: Bob, role: member, notifications: [{webhook: \""
                  + url
                  + "\"}, {mail: bob@example.org}]")
          .write("apps/notes/main.ts", APP)
          .write("apps/notes/dropserver.d.ts", "export type Dropserver = any;\n")
          .push("An app that asks");
      instance.start();
      var _ = instance.sync(); // returns when the sites are in service
      await()
          .atMost(LiveInstance.TIMEOUT)
          .untilAsserted(() -> assertThat(instance.status().ready()).as(instance.log()).isTrue());
      try (MemberClient bob = MemberClient.enter(instance, "bob", "notes")) {
        String id = bob.get("/users").body().replaceFirst("(?s)\\[\\{\"id\":\"([^\"]+)\".*", "$1");
        assertThat(id).matches("[A-Za-z0-9_-]{24}");
        String listed = "\"id\":\"" + id + "\",\"name\":\"Bob\"";
        for (String way : new String[] {"/users", "/fetch", "/node"}) {
          assertThat(bob.get(way).body())
              .as(way)
              .contains(listed, "\"name\":\"Ålice\"", "\"permissions\":[\"write\"]")
              .doesNotContain("Carol", "\"alice\"", "\"bob\"");
        }
        assertThat(bob.get("/tell").body()).isEqualTo("told");
        assertThatBobReadsTheMessage(bob);
        await()
            .atMost(LiveInstance.TIMEOUT)
            .untilAsserted(
                () ->
                    assertThat(received)
                        .singleElement()
                        .asString()
                        .contains("\"title\":\"Åsa wrote\\\\u202e\"", "/notifications/"));
        assertThatMailArrives(mail);
      }
    } finally {
      hook.stop(0);
    }
  }

  private static void assertThatMailArrives(MailReceiver mail) {
    await()
        .atMost(LiveInstance.TIMEOUT)
        .untilAsserted(() -> assertThat(mail.lines()).contains("."));
    assertThat(mail.lines())
        .anyMatch(line -> line.startsWith("MAIL FROM:<home@example.org>"))
        .anyMatch(line -> line.startsWith("RCPT TO:<bob@example.org>"))
        .anyMatch(line -> line.startsWith("Subject:"));
  }

  /** Bob sees the message on the home page, and opens it. */
  private static void assertThatBobReadsTheMessage(MemberClient bob) throws Exception {
    Matcher link =
        Pattern.compile("href=\"(/notifications/[0-9a-f]{32})\">Åsa wrote\\\\u202e<")
            .matcher(bob.shell("/").body());
    assertThat(link.find()).isTrue();
    HttpResponse<String> opened = bob.shell(link.group(1));
    assertThat(opened.statusCode()).isEqualTo(303);
    assertThat(opened.headers().firstValue("Location").orElseThrow()).endsWith("/a/notes/n?id=7");
    assertThat(bob.shell("/").body()).doesNotContain("/notifications/");
  }
}
