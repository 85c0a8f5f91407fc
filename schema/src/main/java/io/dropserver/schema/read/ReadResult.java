package io.dropserver.schema.read;

import io.dropserver.schema.instance.Instance;
import io.dropserver.schema.instance.Manifest;
import io.dropserver.schema.instance.Problem;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What reading a revision gave. Immutable.
 *
 * @param instance present if and only if there are no problems
 * @param problems in order of file, line and column
 * @param documents how many documents were found
 * @param filesRead how many files had to be read and parsed, the others were known
 * @param manifests of apps whose folder lies in this tree, by that folder's path
 * @param cache for the next reading
 */
public record ReadResult(
    Optional<Instance> instance,
    List<Problem> problems,
    int documents,
    int filesRead,
    Map<String, Manifest> manifests,
    ReadCache cache) {

  public boolean valid() {
    return problems.isEmpty();
  }
}
