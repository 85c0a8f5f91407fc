package io.dropserver.control;

import io.dropserver.state.condition.Condition;
import io.dropserver.state.condition.ConditionType;
import io.dropserver.state.condition.Reason;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/**
 * The status of a declared object.
 *
 * @param labels as declared; empty until a revision is read
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
    SortedMap<String, String> labels,
    List<JobStatus> jobs,
    List<Membership> members) {

  /** Creates the status of an object without labels, jobs and members. */
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
    this(
        kind,
        name,
        ready,
        reason,
        message,
        url,
        source,
        conditions,
        usage,
        Collections.emptySortedMap(),
        List.of(),
        List.of());
  }

  /**
   * Returns the conditions that need attention, the most severe first. A second condition with the
   * reason of {@code Ready} replaces it.
   */
  public List<Condition> problems() {
    List<Condition> found =
        conditions.stream().filter(each -> each.severity().needsAttention()).toList();
    return found.stream()
        .filter(
            each ->
                !each.hasType(ConditionType.READY)
                    || found.stream()
                        .allMatch(
                            other ->
                                other.hasType(ConditionType.READY)
                                    || !other.reason().equals(each.reason())))
        .sorted(Comparator.comparing(Condition::severity).reversed())
        .toList();
  }

  public boolean hasReason(Reason other) {
    return reason.equals(other.text());
  }
}
