package io.dropserver.schema.status;

import java.util.List;
import java.util.Optional;

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

  /** Of an object that uses nothing. */
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
