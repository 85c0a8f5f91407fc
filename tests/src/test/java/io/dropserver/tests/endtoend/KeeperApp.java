package io.dropserver.tests.endtoend;

import java.io.IOException;

/**
 * An app that stores files and reports all of its data byte by byte. Requests: {@code /write?N}
 * creates files that are derived from a number, {@code /tree} lists every path with type, size and
 * SHA-256, {@code /word} returns its localStorage.
 */
final class KeeperApp {
  static final String MAIN =
      """
      const encoder = new TextEncoder();

      async function tree(folder: string, lines: string[]) {
        for await (const entry of Deno.readDir(folder)) {
          const path = `${folder}/${entry.name}`;
          if (path === "/data/.dropserver") continue;
          if (entry.isDirectory) {
            lines.push(`${JSON.stringify(path)} folder`);
            await tree(path, lines);
          } else if (entry.isSymlink) {
            lines.push(`${JSON.stringify(path)} -> ${await Deno.readLink(path)}`);
          } else {
            const bytes = await Deno.readFile(path);
            const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
            lines.push(`${JSON.stringify(path)} ${bytes.length} ${digest.toHex()}`);
          }
        }
      }

      async function write(seed: string) {
        await Deno.mkdir(`/data/notes/${seed}/below`, { recursive: true });
        await Deno.writeFile(`/data/notes/${seed}/empty`, new Uint8Array(0));
        await Deno.writeTextFile(`/data/notes/${seed}/a name\\nof two lines ü`, seed);
        const random = new Uint8Array(3 << 16);
        for (let i = 0; i < random.length; i += 1 << 16) {
          crypto.getRandomValues(random.subarray(i, i + (1 << 16)));
        }
        await Deno.writeFile(`/data/notes/${seed}/below/random`, random);
        await Deno.writeFile(`/data/notes/${seed}/below/encoded`, encoder.encode(seed.repeat(1000)));
        localStorage.setItem("word", seed);
      }

      export default {
        async fetch(request: Request) {
          const url = new URL(request.url);
          if (url.pathname === "/write") {
            await write(url.search.slice(1));
            return new Response("written");
          }
          if (url.pathname === "/word") {
            return new Response(localStorage.getItem("word") ?? "none");
          }
          if (url.pathname === "/tree") {
            const lines: string[] = [];
            await tree("/data", lines);
            return new Response(lines.sort().join("\\n"));
          }
          return new Response("VERSION");
        },
      };
      """;

  private KeeperApp() {}

  /** Writes a version of the app into a folder of the repository. */
  static void write(ConfigRepository repository, String folder, String version) throws IOException {
    write(repository, folder, version, "", "version " + version);
  }

  /**
   * @param manifest additional fields, each preceded by a comma
   * @param front text of its front page
   */
  static void write(
      ConfigRepository repository, String folder, String version, String manifest, String front)
      throws IOException {
    repository.write(
        folder + "/dropapp.json",
        """
        {"name": "Keeper", "version": "%s", "entrypoint": "main.ts", "runtime": "fetch"%s}
        """
            .formatted(version, manifest));
    repository.write(folder + "/main.ts", MAIN.replace("VERSION", front));
  }

  /**
   * Writes an instance with one version of the app and these appspaces, all public and owned by
   * alice. Does not push.
   */
  static void instance(ConfigRepository repository, String... appspaces) throws IOException {
    repository.write(
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
        spec: {displayName: Alice, role: admin}
        ---
        apiVersion: dropserver.io/v1
        kind: App
        metadata: {name: keeper}
        spec:
          versions:
            - {version: 1.0.0, source: {path: apps/one}}
        """
            .formatted(LiveInstance.DOMAIN));
    write(repository, "apps/one", "1.0.0");
    for (String appspace : appspaces) {
      repository.write("appspaces/" + appspace + ".yaml", appspace(appspace, "1.0.0"));
    }
  }

  static String appspace(String name, String version) {
    return """
    apiVersion: dropserver.io/v1
    kind: Appspace
    metadata: {name: %s}
    spec:
      app: {name: keeper, version: %s}
      owner: alice
      access: public
      limits: {storage: 32Mi}
    """
        .formatted(name, version);
  }
}
