package io.dropserver.sandbox.deno;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The permissions of Deno inside a sandbox. They are the same for every appspace except for network
 * destinations, which the gateway's policy decides. Paths are compared as normalised text and
 * symlinks are not resolved, because the mount namespace determines what is accessible through
 * them.
 */
public final class PermissionPolicy {
  private static final List<String> READABLE =
      List.of(
          SandboxPaths.APP,
          SandboxPaths.DATA,
          SandboxPaths.TEMPORARY,
          SandboxPaths.RUNTIME,
          SandboxPaths.CACHE,
          SandboxPaths.STORE,
          SandboxPaths.OWN_SOCKETS,
          SandboxPaths.HOST_SOCKETS);
  private static final List<String> WRITABLE =
      List.of(
          SandboxPaths.DATA,
          SandboxPaths.STORE,
          SandboxPaths.TEMPORARY,
          SandboxPaths.OWN_SOCKETS,
          SandboxPaths.SERVICES_SOCKET,
          // Deno requires write permission for a socket that it connects to. The folder itself is
          // read-only.
          SandboxPaths.EGRESS_SOCKET);
  private static final Set<String> CONNECTABLE =
      Set.of(
          "unix:" + SandboxPaths.APP_SOCKET,
          "unix:" + SandboxPaths.SERVICES_SOCKET,
          "unix:" + SandboxPaths.EGRESS_SOCKET);

  /**
   * System information that frameworks query at start. The answers are the same in every sandbox on
   * every machine. {@code preload.ts} answers other queries itself.
   */
  private static final Set<String> SYSTEM_INFORMATION =
      Set.of("hostname", "uid", "gid", "getegid", "geteuid", "umask", "cpus", "homedir");

  private static final Verdict ALLOW = new Verdict.Allow();

  private final NetworkPolicy networkPolicy;

  /** Decides which network destinations may be reached. Must not block. */
  @FunctionalInterface
  public interface NetworkPolicy {

    /**
     * @param hostAndPort as the app wrote it
     * @return why the destination is refused for every URL; empty if the gateway decides once it
     *     sees the URL
     */
    Optional<String> refusal(String hostAndPort);
  }

  public PermissionPolicy(NetworkPolicy networkPolicy) {
    this.networkPolicy = networkPolicy;
  }

  public Verdict decide(PermissionRequest request) {
    Optional<String> value = request.value();
    return switch (request.permission()) {
      case "read" -> verdict(within(value, READABLE), "an app may read only /app, /data and /tmp");
      case "write" -> verdict(within(value, WRITABLE), "an app may write only /data and /tmp");
      // The environment contains the appspace's config and no data of the server.
      case "env" -> ALLOW;
      case "sys" ->
          verdict(
              value.filter(SYSTEM_INFORMATION::contains).isPresent(),
              "an app may not read information about the machine");
      case "net" -> network(value);
      case "run" -> new Verdict.Deny("an app may not start programs");
      case "ffi" -> new Verdict.Deny(NativeAddons.REFUSED);
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
      return new Verdict.Deny("an app may not connect to other sockets");
    }
    return networkPolicy
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

  /**
   * Returns a path as absolute and normalised. Relative paths are resolved against /data, even if
   * the app starts in or changes to another folder. This gives an app no additional access: the
   * mount namespace makes /app read-only.
   */
  private static Optional<Path> normalised(String value) {
    try {
      return Optional.of(Path.of(SandboxPaths.DATA).resolve(value).normalize());
    } catch (InvalidPathException hostile) {
      return Optional.empty();
    }
  }
}
