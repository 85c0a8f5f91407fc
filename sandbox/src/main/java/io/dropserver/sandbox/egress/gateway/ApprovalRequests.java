package io.dropserver.sandbox.egress.gateway;

import io.dropserver.sandbox.egress.Destination;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;

/**
 * Whoever keeps what appspaces asked for and nobody has decided. Thread-safe; returns at once,
 * since the app's request waits for it.
 */
@FunctionalInterface
public interface ApprovalRequests {

  void asked(Request request);

  /**
   * @param id the same for the same appspace and origin, however often it is asked
   * @param method upper case
   */
  record Request(String id, String appspace, Origin origin, String method, Instant time) {}

  /** All of a destination that leaves the machine: paths and queries can hold secrets. */
  record Origin(Destination.Scheme scheme, String host, int port) {
    public static Origin of(Destination destination) {
      return new Origin(destination.scheme(), destination.host().authority(), destination.port());
    }

    /** Such as {@code https://example.org:443/}. */
    public String url() {
      return scheme.text() + "://" + host + ":" + port + "/";
    }
  }

  /** Eight hexadecimal digits. */
  static String id(String appspace, Origin origin) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256")
              .digest((appspace + "\n" + origin.url()).getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, 4);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java has SHA-256", e);
    }
  }
}
