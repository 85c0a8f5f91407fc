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

  public boolean hasReason(Reason other) {
    return reason.equals(other.text());
  }
}
