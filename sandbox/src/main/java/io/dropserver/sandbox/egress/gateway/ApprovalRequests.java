package io.dropserver.sandbox.egress.gateway;

import io.dropserver.sandbox.egress.Destination;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Optional;
import java.util.SortedSet;

/**
 * Whoever keeps what appspaces asked for and nobody has decided. Thread-safe; returns at once,
 * since the app's request waits for it.
 */
@FunctionalInterface
public interface ApprovalRequests {
  /** Says that all of it waits, and forgets it. */
  ApprovalRequests UNHEARD = request -> new Waiting(request.id());

  Standing asked(Request request);

  /**
   * @param id the same for the same appspace and origin, however often it is asked
   * @param methods upper case, at least one, each of them one that a whitelist can name
   * @param reason an app's words, at most {@link EgressAsk#LONGEST_REASON} characters: untrusted
   */
  record Request(
      String id,
      String appspace,
      Origin origin,
      SortedSet<String> methods,
      Optional<String> reason,
      Instant time) {}

  /** How far a request is. */
  sealed interface Standing {}

  /**
   * Somebody will decide.
   *
   * @param id by which they know it; not the request's own where another one asks for the same
   */
  record Waiting(String id) implements Standing {}

  /** Somebody said no, and it is remembered. */
  record Denied(String id) implements Standing {}

  /** Somebody allowed a part of what was asked for, and this is not in it. */
  record Narrowed(String id) implements Standing {}

  /** So much waits already that this was counted and not kept. */
  record Crowded() implements Standing {}

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
