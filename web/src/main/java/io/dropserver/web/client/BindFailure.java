package io.dropserver.web.client;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Locale;

/** Describes why an address cannot be listened on, with a remedy. */
public final class BindFailure {
  private BindFailure() {}

  /**
   * Returns an exception whose message names the address, the reason and the remedy.
   *
   * @param setting the key of the host configuration that contains the address
   * @param failure from the attempt to listen
   */
  public static IOException of(InetSocketAddress address, String setting, Exception failure) {
    return new IOException(
        "cannot listen on %s:%d: %s"
            .formatted(
                address.getHostString(),
                address.getPort(),
                describe(reason(failure), address.getPort(), setting)),
        failure);
  }

  private static String describe(String reason, int port, String setting) {
    String lower = reason.toLowerCase(Locale.ROOT);
    if (lower.contains("already in use")) {
      return "another program uses it; `ss -ltnp` shows which one: stop that program, or choose"
          + " another port in `%s`".formatted(setting);
    }
    if (lower.contains("permission denied")) {
      return port < 1024
          ? "only a user with the capability CAP_NET_BIND_SERVICE may use a port below 1024; use"
              + " the packaged service, or a higher port in `%s`".formatted(setting)
          : "the system denies it (permission denied); choose another port in `%s`"
              .formatted(setting);
    }
    if (lower.contains("cannot assign") || lower.contains("unresolved")) {
      return "this machine does not have that address; `ip address` lists its addresses: correct"
          + " `%s`".formatted(setting);
    }
    return "%s; correct `%s`".formatted(reason, setting);
  }

  /** Returns the message of the innermost cause, because Jetty's own names only the address. */
  private static String reason(Exception failure) {
    Throwable innermost = failure;
    for (int depth = 0; depth < 10 && innermost.getCause() != null; depth++) {
      innermost = innermost.getCause();
    }
    return innermost.getMessage() == null ? innermost.toString() : innermost.getMessage();
  }
}
