package io.dropserver.schema.status;

import java.util.List;
import java.util.Optional;

/**
 * The status of a declared object.
 *
 * @param jobs the jobs of an appspace, by name
 * @param members the members of a group, by name
 */
public record ObjectStatus(
    String kind,
    String name,
    boolean ready,
    String reason,
    String message,
    Optional<String> url,
    String source,
    List<Condition> conditions,
    Optional<AppspaceUsage> usage,
    List<JobStatus> jobs,
    List<Membership> members) {

  /** Creates the status of an object without jobs and members. */
  public ObjectStatus(
      String kind,
      String name,
      boolean ready,
      String reason,
      String message,
      Optional<String> url,
      String source,
      List<Condition> conditions,
      Optional<AppspaceUsage> usage) {
    this(kind, name, ready, reason, message, url, source, conditions, usage, List.of(), List.of());
  }

  public boolean hasReason(Reason other) {
    return reason.equals(other.text());
  }
}
