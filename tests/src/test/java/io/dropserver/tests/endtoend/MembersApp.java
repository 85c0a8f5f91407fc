package io.dropserver.tests.endtoend;

import java.io.IOException;
import java.nio.file.Path;

/**
 * An instance with three users and one appspace, {@code notes}, which belongs to Alice and is open
 * to members only. Each page shows the user that the app sees. {@code /events} is an endless stream
 * and {@code /socket} an endless WebSocket.
 */
public final class MembersApp {
  private static final String MAIN =
      """
      const encoder = new TextEncoder();

      function events(): Response {
        let timer = 0;
        const body = new ReadableStream({
          start(controller) {
            const tell = () => controller.enqueue(encoder.encode("data: here\\n\\n"));
            tell();
            timer = setInterval(tell, 100);
          },
          cancel() {
            clearInterval(timer);
          },
        });
        return new Response(body, { headers: { "content-type": "text/event-stream" } });
      }

      export default {
        fetch(request: Request): Response {
          const { pathname, search } = new URL(request.url);
          if (pathname === "/events") return events();
          if (pathname === "/socket") {
            const { socket, response } = Deno.upgradeWebSocket(request);
            socket.onmessage = (event) => socket.send(event.data);
            return response;
          }
          const name = decodeURIComponent(request.headers.get("dropserver-user-name") ?? "nobody");
          const may = request.headers.get("dropserver-permissions") ?? "";
          return new Response(
            `<!doctype html><html lang="en"><title>Notes</title><h1>${pathname}${search}</h1>
            <p>Seen: ${name}, may: ${may}</p><p><a href="/next">Next</a></p>`,
            { headers: { "content-type": "text/html; charset=utf-8" } },
          );
        },
      };
      """;

  private MembersApp() {}

  /**
   * Creates and pushes the instance, with Bob as a member and Carol without access. Starts no
   * server.
   *
   * @param moreArguments for {@code dropserver run}
   */
  public static LiveInstance create(Path folder, String... moreArguments) throws IOException {
    LiveInstance instance = LiveInstance.create(folder, moreArguments);
    instance
        .repository()
        .write(
            "instance.yaml",
            """
            apiVersion: dropserver.io/v1
            kind: Instance
            metadata: {name: home}
            spec:
              domain: %s
              reconcile: {interval: 1h}
            ---
            apiVersion: dropserver.io/v1
            kind: User
            metadata: {name: alice}
            spec: {displayName: Ålice, role: admin}
            ---
            apiVersion: dropserver.io/v1
            kind: User
            metadata: {name: bob}
            spec: {displayName: Bob, role: member}
            ---
            apiVersion: dropserver.io/v1
            kind: User
            metadata: {name: carol}
            spec: {displayName: Carol, role: member}
            ---
            apiVersion: dropserver.io/v1
            kind: App
            metadata: {name: notes}
            spec:
              versions:
                - {version: 1.0.0, source: {path: apps/notes}}
            """
                .formatted(LiveInstance.DOMAIN))
        .write(
            "apps/notes/dropapp.json",
            """
            {
              "name": "Notes",
              "version": "1.0.0",
              "entrypoint": "main.ts",
              "runtime": "fetch",
              "permissions": [{"name": "write", "description": "Write notes"}]
            }
            """)
        .write("apps/notes/main.ts", MAIN)
        .write("appspaces/notes.yaml", appspace("members: [{user: bob}]"))
        .push("Begin");
    return instance;
  }

  /** Returns the appspace with another line of {@code spec}. */
  public static String appspace(String members) {
    return """
    apiVersion: dropserver.io/v1
    kind: Appspace
    metadata: {name: notes}
    spec:
      app: {name: notes, version: 1.0.0}
      owner: alice
      access: members
      %s
    """
        .formatted(members);
  }
}
