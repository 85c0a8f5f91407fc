package io.dropserver.bench;

import java.io.IOException;

/**
 * Creates the instance of {@link Fairness}: a quiet appspace with number 0, and {@link
 * Attack#APPSPACES} appspaces whose app attacks shared resources.
 */
final class GreedyInstance {
  /**
   * A name that is whitelisted for every hostile appspace, and whose name server never responds.
   */
  private static final String DEAD = "dead.example.org";

  private GreedyInstance() {}

  /** Returns the path that makes the app of this appspace attack. */
  static String kind(int appspace) {
    return switch (appspace) {
      case 3 -> "/bodies";
      case 4 -> "/refused";
      default -> "/names";
    };
  }

  static BenchInstance create(BenchEnvironment benchEnvironment)
      throws IOException, InterruptedException {
    BenchInstance benchInstance = BenchInstance.create(benchEnvironment, 1);
    benchInstance.write("apps/rude.yaml", BenchInstance.APP.replace("hello", "rude"));
    benchInstance.write(
        "apps/rude/dropapp.json", BenchInstance.MANIFEST.replace("\"fetch\"", "\"serve\""));
    benchInstance.write("apps/rude/main.ts", PROGRAM);
    for (int i = 1; i <= Attack.APPSPACES; i++) {
      benchInstance.write(
          "appspaces/" + BenchInstance.name(i) + ".yaml",
          BenchInstance.appspace(i, "256Mi").replace("{name: hello,", "{name: rude,"));
      benchInstance.write(
          "egress/" + BenchInstance.name(i) + ".yaml", WHITELIST.formatted(BenchInstance.name(i)));
    }
    benchInstance.push("Declare rude appspaces");
    return benchInstance;
  }

  private static final String WHITELIST =
      """
      apiVersion: dropserver.io/v1
      kind: EgressWhitelist
      metadata: {name: %1$s}
      spec:
        appspace: %1$s
        allow: [{url: "https://*.%2$s/"}]
      """
          .replace("%2$s", DEAD);

  /**
   * The program of the hostile apps. It implements HTTP itself, because {@code Deno.serve} would
   * not write such chunks.
   */
  private static final String PROGRAM =
      """
      const EGRESS = "/run/dropserver/egress.sock";
      const encoder = new TextEncoder();
      const oneByteChunks = encoder.encode("1\\r\\nx\\r\\n".repeat(10_000));
      const start = "HTTP/1.1 200 OK\\r\\nContent-Type: text/plain\\r\\nConnection: close\\r\\n";

      async function send(connection: Deno.Conn, bytes: Uint8Array): Promise<void> {
        for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
      }

      async function drain(connection: Deno.Conn): Promise<void> {
        const buffer = new Uint8Array(65_536);
        try {
          while (await connection.read(buffer) !== null);
        } catch { /* closed */ }
      }

      /** Pieces of attacks that were carried out, by the path that asked for them. */
      const done = new Map<string, number>();

      function count(path: string): void {
        done.set(path, (done.get(path) ?? 0) + 1);
      }

      /** Connects to the gateway again and again, and sends this without end on each connection. */
      async function flood(path: string, end: number, first: string, more: Uint8Array): Promise<void> {
        while (Date.now() < end) {
          let timer = 0;
          try {
            using connection = await Deno.connect({ transport: "unix", path: EGRESS });
            timer = setTimeout(() => connection.close(), end - Date.now());
            void drain(connection);
            await send(connection, encoder.encode(first));
            while (Date.now() < end) {
              await send(connection, more);
              count(path);
            }
          } catch { /* the gateway has closed it, or the time is over */ }
          clearTimeout(timer);
          count(path);
          await new Promise((wake) => setTimeout(wake, 1));
        }
      }

      async function names(path: string, end: number): Promise<void> {
        while (Date.now() < end) {
          count(path);
          const signal = AbortSignal.timeout(Math.max(1, end - Date.now()));
          await fetch(`https://${crypto.randomUUID()}.DEAD/`, { signal }).catch(() => {});
          await new Promise((wake) => setTimeout(wake, 1));
        }
      }

      function attack(path: string, end: number): void {
        const get = "GET http://refused.example.org/ HTTP/1.1\\r\\nHost: refused.example.org\\r\\n";
        const post = get.replace("GET", "POST") + "Transfer-Encoding: chunked\\r\\n\\r\\n";
        const gets = encoder.encode((get + "\\r\\n").repeat(100));
        for (let i = 0; i < 120; i++) {
          if (path === "/bodies") void flood(path, end, post, oneByteChunks);
          if (path === "/refused" && i < 16) void flood(path, end, "", gets);
          if (path === "/names") void names(path, end);
        }
      }

      async function answer(connection: Deno.Conn): Promise<void> {
        const buffer = new Uint8Array(16_384);
        const length = await connection.read(buffer) ?? 0;
        const target = new TextDecoder().decode(buffer.subarray(0, length)).split(" ")[1] ?? "/";
        const url = new URL(target, "http://localhost");
        if (url.pathname === "/chunks") {
          await send(connection, encoder.encode(start + "Transfer-Encoding: chunked\\r\\n\\r\\n"));
          while (true) await send(connection, oneByteChunks);
        }
        const end = Date.now() + Number(url.searchParams.get("ms") ?? 0);
        attack(url.pathname, end);
        // Not the attacks themselves are waited for: the gateway may leave them hanging.
        await new Promise((wake) => setTimeout(wake, end - Date.now()));
        const body = "\\n" + (done.get(url.pathname) ?? 0);
        done.delete(url.pathname);
        await send(connection, encoder.encode(`${start}Content-Length: ${body.length}\\r\\n\\r\\n${body}`));
      }

      const listener = Deno.listen({ transport: "unix", path: "/run/app/app.sock" });
      for await (const connection of listener) {
        answer(connection).catch(() => {}).finally(() => {
          try {
            connection.close();
          } catch { /* closed already */ }
        });
      }
      """
          .replace("DEAD", DEAD);
}
