package io.dropserver.schema.status;

import java.util.List;
import java.util.Optional;

/** The status of a declared object. */
public record ObjectStatus(
    String kind,
    String name,
    boolean ready,
    String reason,
    String message,
    Optional<String> url,
    String source,
    List<Condition> conditions,
    Optional<AppspaceUsage> usage) {

  /** Creates the status of an object without resource usage. */
  public ObjectStatus(
      String kind,
      String name,
      boolean ready,
      String reason,
      String message,
      Optional<String> url,
      String source,
      List<Condition> conditions) {
    this(kind, name, ready, reason, message, url, source, conditions, Optional.empty());
  }

  public boolean hasReason(Reason other) {
    return reason.equals(other.text());
  }
}
