package io.dropserver.sandbox.app;

import io.dropserver.egress.gateway.TrustedAuthorities;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.app.InstallSandbox.Result;
import io.dropserver.sandbox.app.InstallSandbox.Run;
import io.dropserver.sandbox.app.RegistryGateway.Origin;
import io.dropserver.sandbox.deno.SandboxPaths;
import io.dropserver.sandbox.isolation.Bind;
import io.dropserver.state.condition.AppReason;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The allowed package registries: the configured ones, or those that this Deno uses by default. The
 * defaults are detected by running Deno for each specifier and recording its requests. Thread-safe.
 */
final class Registries {
  private static final String NPM_PROBE = "dropserver-probe";

  private static final List<String> SPECIFIERS =
      List.of("npm:" + NPM_PROBE + "@1", "jsr:@dropserver/probe@1");

  /**
   * The proxy to which Deno 2.9.6 sends requests with absolute URLs in clear text, even for https:.
   */
  private static final String PROXY = "unix:" + SandboxPaths.HOST_SOCKETS + "/registry.sock";

  private final InstallSandbox sandbox;
  private final Set<Origin> configured;
  private final Map<String, String> environment;
  private final TrustedAuthorities trusted;
  private Set<Origin> detected = Set.of();

  /** The address of the registry of npm that Deno uses by default, once it is detected. */
  private @Nullable URI npm;

  Registries(InstallSandbox sandbox, InstallSettings settings) {
    this.sandbox = sandbox;
    this.configured =
        settings.registries().stream().map(Origin::of).collect(Collectors.toUnmodifiableSet());
    this.environment = settings.denoEnvironment();
    this.trusted = settings.trusted();
  }

  /**
   * Opens the socket for {@link #run}.
   *
   * @param sockets the folder of the socket
   * @param allowed see {@link RegistryGateway}
   */
  RegistryGateway gateway(Path sockets, Set<Origin> allowed) throws IOException {
    return new RegistryGateway(sockets.resolve("registry.sock"), allowed, trusted);
  }

  /**
   * Runs Deno in {@code /app} with a socket of {@link RegistryGateway} as its only network.
   *
   * @param binds include the folder of the socket, {@code registry.sock}
   */
  Result run(List<String> arguments, List<Bind> binds, Duration deadline) throws IOException {
    return run(arguments, binds, deadline, InstallSandbox.OUTPUT_BYTES);
  }

  /**
   * @param outputBytes the size of the kept end of the output
   */
  Result run(List<String> arguments, List<Bind> binds, Duration deadline, int outputBytes)
      throws IOException {
    SortedMap<String, String> variables = variables();
    variables.put("HTTP_PROXY", PROXY);
    variables.put("HTTPS_PROXY", PROXY);
    return sandbox.run(
        new Run(arguments, variables, binds, SandboxPaths.APP, deadline, outputBytes));
  }

  /** Returns the environment variables of a Deno that resolves packages. */
  SortedMap<String, String> variables() {
    SortedMap<String, String> variables = new TreeMap<>(environment);
    variables.put("DENO_DIR", SandboxPaths.CACHE);
    variables.put("DENO_NO_UPDATE_CHECK", "1");
    variables.put("DENO_NO_PACKAGE_JSON", "1");
    variables.put("NO_COLOR", "1");
    return variables;
  }

  /**
   * @param work an empty folder that only this process can write; it is empty again afterwards
   */
  synchronized Set<Origin> origins(Path work) throws IOException {
    if (!configured.isEmpty()) {
      return configured;
    }
    if (detected.isEmpty()) {
      detected = Set.copyOf(probe(work));
    }
    return detected;
  }

  /**
   * Returns the address of the registry of npm, which ends with a slash.
   *
   * @param work an empty folder that only this process can write; it is empty again afterwards
   */
  synchronized URI npm(Path work) throws IOException {
    String chosen = environment.get("NPM_CONFIG_REGISTRY");
    if (chosen != null) {
      return URI.create(chosen.endsWith("/") ? chosen : chosen + "/");
    }
    if (npm == null) {
      detected = Set.copyOf(probe(work));
    }
    if (npm == null) {
      throw new IOException("Deno did not name the address of the registry of npm");
    }
    return npm;
  }

  private Set<Origin> probe(Path work) throws IOException {
    Set<Origin> all = new HashSet<>();
    Set<URI> packages = ConcurrentHashMap.newKeySet();
    Set<Origin> contacted = ConcurrentHashMap.newKeySet();
    Path sockets = FolderAccess.passable(work.resolve("p"));
    Path cache = FolderAccess.writable(work.resolve("probe-cache"), sandbox.uid());
    Path modules = FolderAccess.passable(work.resolve("probe"));
    var socket =
        ProxySocket.listen(
            sockets.resolve("registry.sock"),
            (request, out) -> {
              contacted.add(Origin.of(request.url()));
              packages.add(request.url());
              ProxySocket.respond(out, 404, "A probe.");
            });
    try {
      List<Bind> binds =
          List.of(
              Bind.readOnly(modules, SandboxPaths.APP),
              Bind.readOnly(sockets, SandboxPaths.HOST_SOCKETS),
              Bind.writable(cache, SandboxPaths.CACHE));
      // One run for each specifier, because Deno exits at the first failure.
      for (String specifier : SPECIFIERS) {
        Path module = modules.resolve("probe.ts");
        String text = "import \"" + specifier + "\";";
        FolderAccess.writeReadable(module, text.getBytes(StandardCharsets.UTF_8));
        contacted.clear();
        Result result =
            run(
                List.of("cache", "--no-lock", "--no-config", SandboxPaths.APP + "/probe.ts"),
                binds,
                Duration.ofSeconds(20));
        if (contacted.isEmpty()) {
          throw new SandboxException(
              AppReason.INSTALL_FAILED,
              "Deno did not name its default registry for "
                  + specifier
                  + " (status "
                  + result.status()
                  + "). The server retries automatically.\n"
                  + Printable.tail(result.output(), 5));
        }
        all.addAll(contacted);
      }
    } finally {
      socket.close();
      for (String part : List.of("p", "probe-cache", "probe")) {
        FileTree.delete(work.resolve(part));
      }
    }
    packages.stream()
        .filter(url -> url.getRawPath().endsWith("/" + NPM_PROBE))
        .findAny()
        .ifPresent(url -> npm = url.resolve("."));
    return all;
  }
}
