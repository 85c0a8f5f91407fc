package io.dropserver.schema.status;

import java.util.List;

/**
 * The output of {@code status -o json}.
 *
 * @param ready whether the newest seen revision is served, the server is healthy, and every object
 *     is ready
 */
public record InstanceStatus(
    RevisionStatus revision,
    boolean ready,
    boolean suspended,
    String shellUrl,
    List<Condition> conditions,
    List<ObjectStatus> objects,
    List<StatusProblem> problems) {}
