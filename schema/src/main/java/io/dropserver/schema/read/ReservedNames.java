package io.dropserver.schema.read;

import java.util.Locale;
import java.util.Set;

/** Names that appspaces cannot use. */
final class ReservedNames {
  /**
   * Names of the shell, and names that clients look up automatically and trust (RFC 2142, wpad).
   */
  private static final Set<String> HOSTS =
      Set.of(
          "www",
          "api",
          "admin",
          "shell",
          "login",
          "auth",
          "account",
          "dashboard",
          "dropserver",
          "hooks",
          "static",
          "status",
          "metrics",
          "localhost",
          "mail",
          "smtp",
          "imap",
          "ns1",
          "ns2",
          "wpad",
          "isatap",
          "autoconfig",
          "autodiscover");

  private static final Set<String> VARIABLES =
      Set.of(
          "PATH",
          "HOME",
          "TMPDIR",
          "TMP",
          "TEMP",
          "USER",
          "LOGNAME",
          "SHELL",
          "PWD",
          "HOSTNAME",
          "IFS",
          "ENV",
          "NO_PROXY",
          "HTTP_PROXY",
          "HTTPS_PROXY",
          "ALL_PROXY",
          "SSL_CERT_FILE",
          "SSL_CERT_DIR",
          "XDG_CACHE_HOME",
          "GLIBC_TUNABLES",
          "MALLOC_ARENA_MAX",
          "V8_FLAGS");

  private ReservedNames() {}

  static boolean isHost(String label) {
    return HOSTS.contains(label);
  }

  /**
   * Returns whether the environment variable controls the runtime, the loader or network access.
   * {@code NODE_ENV} is permitted, because programs read it but Deno does not.
   */
  static boolean isVariable(String name) {
    String upper = name.toUpperCase(Locale.ROOT);
    return VARIABLES.contains(upper)
        || upper.startsWith("DENO_")
        || upper.startsWith("DROPSERVER_")
        || (upper.startsWith("NODE_") && !name.equals("NODE_ENV"))
        || upper.startsWith("NPM_")
        || upper.startsWith("LD_");
  }
}
