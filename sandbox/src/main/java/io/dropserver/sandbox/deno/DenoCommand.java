package io.dropserver.sandbox.deno;

import io.dropserver.sandbox.InstalledApp;
import io.dropserver.sandbox.deno.DenoPermissions.Network;
import io.dropserver.schema.instance.DropappManifest;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.json.JsonMapper;

/** Builds the command line and environment of Deno inside a sandbox. Pure functions. */
public final class DenoCommand {
  private static final String PRELOAD = SandboxPaths.RUNTIME + "/preload.ts";
  private static final String NODE_PRELOAD = SandboxPaths.RUNTIME + "/node_clients.ts";
  private static final String WAIT = SandboxPaths.RUNTIME + "/wait.ts";
  private static final String MAIN = SandboxPaths.RUNTIME + "/main.ts";

  private static final String INSPECTOR = SandboxPaths.RUNTIME + "/inspector.ts";
  private static final String BREAK = SandboxPaths.RUNTIME + "/inspector_break.ts";

  /** An arbitrary port, because the app listens on a Unix socket. */
  private static final String PORT = "8080";

  /** Tells the preload that the manifest has files to write. */
  public static final String FILES = "DROPSERVER_FILES";

  /** The variables that depend on the appspace. */
  private static final Set<String> OF_APPSPACE =
      Set.of("DROPSERVER_APPSPACE", "DROPSERVER_URL", "DROPSERVER_CONFIG", FILES);

  private static final ObjectMapper JSON = JsonMapper.shared();

  private DenoCommand() {}

  /**
   * Returns the command that runs an app.
   *
   * @param usesNode whether the app may contain clients of Node's modules, see {@link
   *     NodeModuleDetector}
   */
  public static List<String> run(InstalledApp app, boolean usesNode, DenoLayer layer) {
    String module =
        switch (app.runtime()) {
          case FETCH -> MAIN;
          case SERVE ->
              app.packageProgram()
                  .orElseGet(() -> SandboxPaths.APP + "/" + app.manifest().entrypoint());
        };
    List<String> command = new ArrayList<>(program(module, usesNode, layer, Network.GATEWAY));
    // Deno passes on everything that follows the module, including words that look like Deno's own
    // options.
    command.addAll(app.manifest().launchOptions().args());
    return List.copyOf(command);
  }

  /**
   * Returns the command that loads the runtime and waits for its appspace, and then runs an app.
   * The last preload waits, so that all others are loaded, and no code of the app.
   *
   * @param app the command that runs the app itself
   */
  public static List<String> waiting(List<String> app) {
    List<String> command = new ArrayList<>(app);
    command.addAll(afterPreloads(app), List.of("--preload", WAIT));
    return List.copyOf(command);
  }

  /** Returns the index of the module. The arguments that follow it may look like preloads. */
  private static int afterPreloads(List<String> app) {
    int index = app.indexOf("--preload");
    while (app.get(index).equals("--preload")) {
      index += 2;
    }
    return index;
  }

  /**
   * Returns the variables of a sandbox that waits for its appspace. {@code wait.ts} sets the rest
   * before the app is loaded.
   */
  public static SortedMap<String, String> waitingEnvironment(DropappManifest manifest) {
    SortedMap<String, String> environment = environment("", "", new TreeMap<>(), manifest);
    environment.keySet().removeAll(OF_APPSPACE);
    return environment;
  }

  /**
   * Returns the message that ends the wait, in JSON.
   *
   * @param environment complete
   * @param workingFolder path inside the sandbox
   */
  public static byte[] message(SortedMap<String, String> environment, String workingFolder) {
    return JSON.writeValueAsBytes(new Start(environment, workingFolder));
  }

  private record Start(SortedMap<String, String> environment, String workingFolder) {}

  /**
   * Returns whether a variable of an appspace's config must be known when Deno starts: V8, Deno's
   * colours and its telemetry read it once.
   */
  public static boolean isReadAtStart(String name) {
    return name.startsWith("LC_")
        || name.startsWith("ICU_")
        || name.startsWith("SSL_")
        || name.startsWith("OTEL_")
        || name.equals("LANGUAGE")
        || name.equals("FORCE_COLOR");
  }

  /**
   * Returns the command that runs an app under V8's inspector, and relays a Unix socket to it.
   *
   * @param app the command that runs the app itself
   * @param port of the inspector, on the loopback interface of the sandbox
   * @param breaksAtStart whether the app waits for a debugger before its first statement
   */
  public static List<String> inspected(List<String> app, int port, boolean breaksAtStart) {
    List<String> command =
        new ArrayList<>(
            List.of(SandboxPaths.DENO, "run", "--no-prompt", "--no-config", "--allow-all"));
    command.add(INSPECTOR);
    command.addAll(app.subList(0, 2)); // deno run
    // With --inspect-brk and a preload, Deno 2.9.6 waits forever for a second debugger.
    command.add((breaksAtStart ? "--inspect-wait" : "--inspect") + "=127.0.0.1:" + port);
    command.add("--inspect-publish-uid=http"); // not in the app's log
    int afterPreloads = afterPreloads(app);
    command.addAll(app.subList(2, afterPreloads));
    if (breaksAtStart) {
      command.addAll(List.of("--preload", BREAK));
    }
    command.addAll(app.subList(afterPreloads, app.size()));
    return List.copyOf(command);
  }

  /**
   * Returns the command that runs a module.
   *
   * @param module its absolute path inside the sandbox
   */
  public static List<String> program(
      String module, boolean usesNode, DenoLayer layer, Network network) {
    List<String> command = new ArrayList<>(List.of(SandboxPaths.DENO, "run"));
    command.addAll(
        switch (layer) {
          case ON -> DenoPermissions.options(network);
          case OFF -> List.of("--allow-all");
        });
    // --cached-only refuses modules that were not installed. Otherwise import() could reach
    // registries and serve as a channel in both directions.
    command.addAll(List.of("--cached-only", "--config", SandboxPaths.DENO_CONFIG));
    command.addAll(List.of("--preload", PRELOAD));
    if (usesNode) {
      command.addAll(List.of("--preload", NODE_PRELOAD));
    }
    command.add(module);
    return List.copyOf(command);
  }

  /**
   * Returns the complete environment. Neither the app's manifest nor the appspace's config can
   * override variables that Dropserver sets.
   *
   * @param url the public URL of the appspace
   * @param config of the appspace: each entry becomes a variable, and all together one JSON object
   */
  public static SortedMap<String, String> environment(
      String appspace, String url, SortedMap<String, String> config, DropappManifest manifest) {
    SortedMap<String, String> environment = defaults(manifest);
    environment.putAll(config);
    environment.keySet().removeIf(DenoCommand::isReserved);
    environment.putAll(files(manifest));
    environment.put("DROPSERVER_APPSPACE", appspace);
    environment.put("DROPSERVER_URL", url);
    environment.put("DROPSERVER_CONFIG", JSON.writeValueAsString(config));
    environment.put("DROPSERVER_ENTRYPOINT", manifest.entrypoint());
    environment.put("DENO_DIR", SandboxPaths.CACHE);
    environment.put("DENO_NO_UPDATE_CHECK", "1");
    // The app's own package.json may name packages that were not installed.
    environment.put("DENO_NO_PACKAGE_JSON", "1");
    environment.put("DENO_SERVE_ADDRESS", "unix:" + SandboxPaths.APP_SOCKET);
    environment.put("DENO_KV_DEFAULT_PATH", SandboxPaths.KV_DATABASE);
    // With these variables, Deno 2.9.6 sends requests with absolute URLs in clear text to this
    // socket, even for https: and wss:.
    environment.put("HTTP_PROXY", "unix:" + SandboxPaths.EGRESS_SOCKET);
    environment.put("HTTPS_PROXY", "unix:" + SandboxPaths.EGRESS_SOCKET);
    environment.put("HOME", SandboxPaths.DATA);
    environment.put("TMPDIR", SandboxPaths.TEMPORARY);
    environment.put("NO_COLOR", "1");
    environment.put("TZ", "UTC");
    environment.put("LANG", "C.UTF-8");
    return environment;
  }

  /**
   * Returns the variables that a manifest declares, and {@code PORT}, from which many programs take
   * the port to listen on. Without {@code PORT}, some programs spend time on searching for a free
   * port.
   */
  public static SortedMap<String, String> defaults(DropappManifest manifest) {
    SortedMap<String, String> defaults = new TreeMap<>();
    defaults.put("PORT", PORT);
    defaults.putAll(manifest.launchOptions().env());
    defaults.keySet().removeIf(DenoCommand::isReserved);
    return defaults;
  }

  /** Returns the variable that makes the preload write the manifest's files; none without files. */
  public static Map<String, String> files(DropappManifest manifest) {
    return manifest.launchOptions().files().isEmpty() ? Map.of() : Map.of(FILES, "1");
  }

  /**
   * Names that control Deno, V8, the dynamic loader or the C library. The config of an appspace is
   * plain text and must not set them.
   */
  private static boolean isReserved(String name) {
    return name.toUpperCase(Locale.ROOT).endsWith("_PROXY")
        || name.startsWith("DENO_")
        || name.startsWith("DROPSERVER_")
        || name.startsWith("LD_")
        || (name.startsWith("NODE_") && !name.equals("NODE_ENV"))
        || name.startsWith("V8_")
        || name.startsWith("RUST_")
        || name.startsWith("GLIBC_")
        || name.startsWith("MALLOC_");
  }
}
