package io.dropserver.sandbox.deno;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What Deno grants inside a sandbox: the same for every appspace, but for the destinations outside,
 * of which the gateway is asked. Paths are judged as text, normalised; symlinks are not resolved,
 * since what lies behind them is the mount namespace's to withhold.
 */
public final class PermissionPolicy {
  private static final List<String> READABLE =
      List.of(
          SandboxPaths.APP,
          SandboxPaths.DATA,
          SandboxPaths.TEMPORARY,
          SandboxPaths.RUNTIME,
          SandboxPaths.CACHE,
          SandboxPaths.OWN_SOCKETS,
          SandboxPaths.HOST_SOCKETS);
  private static final List<String> WRITABLE =
      List.of(
          SandboxPaths.DATA,
          SandboxPaths.TEMPORARY,
          SandboxPaths.OWN_SOCKETS,
          SandboxPaths.SERVICES_SOCKET,
          // Deno asks to write what it connects to; the folder is read-only.
          SandboxPaths.EGRESS_SOCKET);
  private static final Set<String> CONNECTABLE =
      Set.of(
          "unix:" + SandboxPaths.APP_SOCKET,
          "unix:" + SandboxPaths.SERVICES_SOCKET,
          "unix:" + SandboxPaths.EGRESS_SOCKET);

  /**
   * What frameworks ask at start; the answers are the same in every sandbox on every machine. The
   * preload answers what is not here.
   */
  private static final Set<String> SYSTEM_INFORMATION =
      Set.of("hostname", "uid", "gid", "cpus", "homedir");

  private static final Verdict ALLOW = new Verdict.Allow();

  private final Outside outside;

  /** Whoever decides what is reached outside. Answers at once. */
  @FunctionalInterface
  public interface Outside {

    /**
     * @param hostAndPort as the app wrote it
     * @return why it is refused whatever the URL; empty where the gateway will see the URL and
     *     decide
     */
    Optional<String> refusal(String hostAndPort);
  }

  public PermissionPolicy(Outside outside) {
    this.outside = outside;
  }

  public Verdict judge(PermissionRequest request) {
    Optional<String> value = request.value();
    return switch (request.permission()) {
      case "read" -> verdict(within(value, READABLE), "an app reads only /app, /data and /tmp");
      case "write" -> verdict(within(value, WRITABLE), "an app writes only /data and /tmp");
      // The environment holds the appspace's config and nothing of the server's.
      case "env" -> ALLOW;
      case "sys" ->
          verdict(
              value.filter(SYSTEM_INFORMATION::contains).isPresent(),
              "an app learns nothing about the machine");
      case "net" -> network(value);
      case "run" -> new Verdict.Deny("an app starts no programs");
      case "ffi" -> new Verdict.Deny("an app loads no native libraries");
      case "import" -> new Verdict.Deny("modules are fetched when the app is installed, not later");
      default -> new Verdict.Deny("this permission is not known");
    };
  }

  private Verdict network(Optional<String> value) {
    if (value.filter(CONNECTABLE::contains).isPresent()) {
      return ALLOW;
    }
    if (value.isEmpty()) {
      return new Verdict.Deny("not whitelisted: any destination");
    }
    String address = value.get();
    if (address.startsWith("unix:") || address.startsWith("vsock:")) {
      return new Verdict.Deny("an app connects to no other socket");
    }
    return outside
        .refusal(address)
        .<Verdict>map(reason -> new Verdict.Deny(address + ": " + reason))
        .orElse(ALLOW);
  }

  private static Verdict verdict(boolean allowed, String reason) {
    return allowed ? ALLOW : new Verdict.Deny(reason);
  }

  private static boolean within(Optional<String> value, List<String> folders) {
    return value.flatMap(PermissionPolicy::normalised).stream()
        .anyMatch(path -> folders.stream().map(Path::of).anyMatch(path::startsWith));
  }

  /** An app that changes its working folder gains nothing: it can only go where it may read. */
  private static Optional<Path> normalised(String value) {
    try {
      return Optional.of(Path.of(SandboxPaths.DATA).resolve(value).normalize());
    } catch (InvalidPathException hostile) {
      return Optional.empty();
    }
  }
}
