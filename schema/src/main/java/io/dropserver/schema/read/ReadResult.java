package io.dropserver.schema.read;

import io.dropserver.schema.instance.DropappManifest;
import io.dropserver.schema.instance.Instance;
import io.dropserver.schema.instance.Problem;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The result of reading a revision. Immutable.
 *
 * @param instance present if and only if there are no problems
 * @param problems in order of file, line and column
 * @param documents the number of documents
 * @param filesRead the number of files that were read and parsed; the others came from the cache
 * @param manifests of apps whose folder is in this tree, by the path of that folder
 * @param cache passed to the next read as {@link ReadOptions#previous}
 */
public record ReadResult(
    Optional<Instance> instance,
    List<Problem> problems,
    int documents,
    int filesRead,
    Map<String, DropappManifest> manifests,
    ReadCache cache) {

  public boolean valid() {
    return problems.isEmpty();
  }
}
