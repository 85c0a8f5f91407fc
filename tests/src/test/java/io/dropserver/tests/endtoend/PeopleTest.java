package io.dropserver.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
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

  @Test
  void anAppListsItsMembersInEachWay() throws Exception {
    try (LiveInstance instance = MembersApp.create(folder)) {
      instance
          .repository()
          .write("apps/notes/main.ts", APP)
          .write("apps/notes/dropserver.d.ts", "export type Dropserver = any;\n")
          .push("An app that asks");
      instance.start();
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
      }
    }
  }
}
