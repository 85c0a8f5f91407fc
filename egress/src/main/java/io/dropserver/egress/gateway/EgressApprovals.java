package io.dropserver.egress.gateway;

import io.dropserver.base.text.Sha256;
import io.dropserver.egress.Destination;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Optional;
import java.util.SortedSet;

/**
 * Stores requests for destinations that are not decided yet. Thread-safe. Must not block, because
 * the app's request waits for the result.
 */
@FunctionalInterface
public interface EgressApprovals {
  /** Reports every request as pending, and stores nothing. */
  EgressApprovals DISCARDING = request -> new PendingApproval(request.id());

  ApprovalState submit(Request request);

  /**
   * @param id always the same for the same appspace and origin
   * @param methods upper case, at least one; only methods that a whitelist can name
   * @param reason text from the app, at most {@link RequestEgressCall#LONGEST_REASON} characters:
   *     untrusted
   */
  record Request(
      String id,
      String appspace,
      Origin origin,
      SortedSet<String> methods,
      Optional<String> reason,
      Instant time) {}

  /** The state of a request. */
  sealed interface ApprovalState {}

  /**
   * The request waits for a decision.
   *
   * @param id the id under which people see the request; differs from the request's own id if an
   *     equivalent request already exists
   */
  record PendingApproval(String id) implements ApprovalState {}

  /** The destination was denied, and the denial is recorded. */
  record Denied(String id) implements ApprovalState {}

  /** The request waited for too long and was closed. It is not presented by itself again. */
  record Unanswered(String id) implements ApprovalState {}

  /** A part of the destination was approved, but not the part that this request needs. */
  record PartlyApproved(String id) implements ApprovalState {}

  /** The request was counted but not stored, because too many requests are already pending. */
  record QueueFull() implements ApprovalState {}

  /**
   * The parts of a destination that may leave the machine. Paths and queries are omitted because
   * they can contain secrets.
   */
  record Origin(Destination.Scheme scheme, String host, int port) {
    public static Origin of(Destination destination) {
      return new Origin(destination.scheme(), destination.host().authority(), destination.port());
    }

    /** Returns the origin as a URL with its port, such as {@code https://example.org:443/}. */
    public String url() {
      return scheme.text() + "://" + host + ":" + port + "/";
    }
  }

  /**
   * Returns a stable id of eight hexadecimal digits.
   *
   * @param origin {@code scheme://host:port/}, always with the port
   */
  static String id(String appspace, String origin) {
    return HexFormat.of().formatHex(Sha256.of(appspace + "\n" + origin), 0, 4);
  }
}
