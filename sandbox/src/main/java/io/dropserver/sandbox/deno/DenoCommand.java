package io.dropserver.sandbox.deno;

import io.dropserver.schema.instance.AppRuntime;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.json.JsonMapper;

/** How Deno is called inside a sandbox. Pure. */
public final class DenoCommand {
  private static final String PRELOAD = SandboxPaths.RUNTIME + "/preload.ts";
  private static final String NODE_PRELOAD = SandboxPaths.RUNTIME + "/node_clients.ts";
  private static final String MAIN = SandboxPaths.RUNTIME + "/main.ts";

  private static final ObjectMapper JSON = new JsonMapper();

  private DenoCommand() {}

  /**
   * @param entrypoint of the app, inside its folder
   * @param usesNode whether it may hold clients of Node's, see {@link NodeUse}
   */
  public static List<String> run(
      AppRuntime runtime, String entrypoint, boolean usesNode, DenoLayer layer) {
    return program(
        switch (runtime) {
          case FETCH -> MAIN;
          case SERVE -> SandboxPaths.APP + "/" + entrypoint;
        },
        usesNode,
        layer);
  }

  /**
   * @param module its whole path inside the sandbox
   */
  public static List<String> program(String module, boolean usesNode, DenoLayer layer) {
    List<String> command = new ArrayList<>();
    command.addAll(
        // A module that was not installed is refused: import() needs no permission and reaches
        // registries by default, as a channel in both directions.
        List.of(SandboxPaths.DENO, "run", "--no-prompt", "--cached-only"));
    command.addAll(List.of("--config", SandboxPaths.DENO_CONFIG));
    if (layer == DenoLayer.OFF) {
      command.add("--allow-all");
    }
    command.addAll(List.of("--preload", PRELOAD));
    if (usesNode) {
      command.addAll(List.of("--preload", NODE_PRELOAD));
    }
    command.add(module);
    return List.copyOf(command);
  }

  /**
   * The whole environment. Config cannot replace what Dropserver sets.
   *
   * @param url where people reach the appspace
   * @param config of the appspace: each entry is a variable, and all are one JSON object
   * @param entrypoint of the app, inside its folder
   */
  public static SortedMap<String, String> environment(
      String appspace,
      String url,
      SortedMap<String, String> config,
      String entrypoint,
      DenoLayer layer) {
    SortedMap<String, String> environment = new TreeMap<>(config);
    environment.keySet().removeIf(DenoCommand::isReserved);
    environment.put("DROPSERVER_APPSPACE", appspace);
    environment.put("DROPSERVER_URL", url);
    environment.put("DROPSERVER_CONFIG", JSON.writeValueAsString(config));
    environment.put("DROPSERVER_ENTRYPOINT", entrypoint);
    environment.put("DENO_DIR", SandboxPaths.CACHE);
    environment.put("DENO_NO_UPDATE_CHECK", "1");
    // An app's own package.json names other packages than those that were installed.
    environment.put("DENO_NO_PACKAGE_JSON", "1");
    environment.put("DENO_SERVE_ADDRESS", "unix:" + SandboxPaths.APP_SOCKET);
    environment.put("DENO_KV_DEFAULT_PATH", SandboxPaths.DATA + "/.dropserver/kv.sqlite3");
    // Deno then sends whole URLs in clear, https: and wss: included (seen on 2.9.6).
    environment.put("HTTP_PROXY", "unix:" + SandboxPaths.EGRESS_SOCKET);
    environment.put("HTTPS_PROXY", "unix:" + SandboxPaths.EGRESS_SOCKET);
    environment.put("HOME", SandboxPaths.DATA);
    environment.put("TMPDIR", SandboxPaths.TEMPORARY);
    environment.put("NO_COLOR", "1");
    environment.put("TZ", "UTC");
    environment.put("LANG", "C.UTF-8");
    if (layer == DenoLayer.ON) {
      environment.put("DENO_PERMISSION_BROKER_PATH", SandboxPaths.BROKER_SOCKET);
    }
    return environment;
  }

  /** Names that steer Deno, V8, the loader or the C library: an appspace's config is plain text. */
  private static boolean isReserved(String name) {
    return name.toUpperCase(Locale.ROOT).endsWith("_PROXY")
        || name.startsWith("DENO_")
        || name.startsWith("DROPSERVER_")
        || name.startsWith("LD_")
        || name.startsWith("NODE_")
        || name.startsWith("V8_")
        || name.startsWith("RUST_")
        || name.startsWith("GLIBC_")
        || name.startsWith("MALLOC_");
  }
}
