package io.dropserver.sandbox.deno;

import java.util.ArrayList;
import java.util.List;

/**
 * The permissions of Deno inside a sandbox, as options of its command line. They are the same for
 * every appspace and fixed for the life of the process, so no code in the process can widen them.
 * Deno compares paths as normalised text and does not resolve symlinks, because the mount namespace
 * determines what is accessible through them.
 */
public final class DenoPermissions {
  private static final List<String> WRITABLE =
      List.of(
          SandboxPaths.DATA,
          SandboxPaths.STORE,
          SandboxPaths.TEMPORARY,
          SandboxPaths.OWN_SOCKETS,
          // Deno requires write permission for a socket that it connects to. The folder itself is
          // read-only.
          SandboxPaths.EGRESS_SOCKET);

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

  /**
   * System information that frameworks query at start. The answers are the same in every sandbox on
   * every machine. {@code preload.ts} answers other queries itself, also that for the umask, which
   * Deno 2.9.6 does not accept in this list.
   */
  private static final List<String> SYSTEM_INFORMATION =
      List.of("hostname", "uid", "gid", "getegid", "cpus", "homedir");

  /** The network permission of a process. */
  public enum Network {
    /**
     * Every destination. Deno sees only host and port of a destination, and its lists do not change
     * with the policy. So the gateway decides, whose socket is the only way out.
     */
    GATEWAY("--allow-net"),

    /** The app's own socket, for programs without a gateway. */
    OWN_SOCKET("--allow-net=unix:" + SandboxPaths.APP_SOCKET);

    private final String option;

    Network(String option) {
      this.option = option;
    }
  }

  private DenoPermissions() {}

  /** Returns the options that follow {@code deno run}. */
  public static List<String> options(Network network) {
    List<String> options = new ArrayList<>();
    options.add("--no-prompt");
    options.add("--allow-read=" + String.join(",", READABLE));
    options.add("--allow-write=" + String.join(",", WRITABLE));
    // The environment contains the appspace's config and no data of the server.
    options.add("--allow-env");
    options.add("--allow-sys=" + String.join(",", SYSTEM_INFORMATION));
    options.add(network.option);
    options.addAll(List.of("--deny-run", "--deny-ffi"));
    // Without this option, Deno allows imports from a few hosts.
    options.add("--deny-import");
    return List.copyOf(options);
  }
}
