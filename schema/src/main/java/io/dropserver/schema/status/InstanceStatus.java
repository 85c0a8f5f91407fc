package io.dropserver.schema.status;

import java.util.List;

/**
 * The output of {@code status -o json}.
 *
 * @param ready whether every object is ready and the newest seen revision is served
 */
public record InstanceStatus(
    RevisionStatus revision,
    boolean ready,
    boolean suspended,
    String shellUrl,
    List<Condition> conditions,
    List<ObjectStatus> objects,
    List<StatusProblem> problems) {}
