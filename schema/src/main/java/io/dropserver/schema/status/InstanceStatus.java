package io.dropserver.schema.status;

import java.util.List;

/**
 * {@code status -o json}.
 *
 * @param ready every object is ready and what was seen is served
 */
public record InstanceStatus(
    RevisionStatus revision,
    boolean ready,
    boolean suspended,
    String shellUrl,
    List<Condition> conditions,
    List<ObjectStatus> objects,
    List<StatusProblem> problems) {}
