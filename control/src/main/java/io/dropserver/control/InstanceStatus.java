package io.dropserver.control;

import io.dropserver.state.condition.Condition;
import io.dropserver.state.condition.Severity;
import java.util.List;
import java.util.stream.Stream;

/**
 * The output of {@code status -o json}.
 *
 * @param ready whether the newest seen revision is served, and the server and every object are
 *     ready
 */
public record InstanceStatus(
    RevisionStatus revision,
    boolean ready,
    boolean suspended,
    String shellUrl,
    List<Condition> conditions,
    List<ObjectStatus> objects,
    List<StatusProblem> problems) {

  /** Returns a copy that lists these objects. */
  public InstanceStatus withObjects(List<ObjectStatus> some) {
    return new InstanceStatus(revision, ready, suspended, shellUrl, conditions, some, problems);
  }

  /** Returns whether everything is ready and no condition is an error. */
  public boolean inOrder() {
    return ready
        && Stream.concat(
                conditions.stream(), objects.stream().flatMap(each -> each.conditions().stream()))
            .allMatch(condition -> condition.severity() != Severity.ERROR);
  }
}
