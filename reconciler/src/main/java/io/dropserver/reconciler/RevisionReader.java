package io.dropserver.reconciler;

import io.dropserver.reconciler.source.ConfigSource.Snapshot;
import io.dropserver.reconciler.source.SourceException;
import io.dropserver.schema.read.InstanceReader;
import io.dropserver.schema.read.ReadOptions;
import io.dropserver.schema.read.ReadResult;
import java.io.IOException;
import java.util.Optional;

/**
 * Reads revisions incrementally: reuses the parsed files that did not change since the previous
 * revision. Thread-safe.
 */
final class RevisionReader {
  private final InstanceReader reader;
  private final ReadOptions options;
  private Optional<ReadResult> last = Optional.empty();

  RevisionReader(InstanceReader reader, ReadOptions options) {
    this.reader = reader;
    this.options = options;
  }

  /**
   * @throws SourceException when the files cannot be read
   */
  synchronized ReadResult read(Snapshot snapshot) {
    try {
      ReadResult result =
          reader.read(snapshot.tree(), last.map(options::withPrevious).orElse(options));
      last = Optional.of(result);
      return result;
    } catch (IOException e) {
      throw new SourceException(
          "the files of " + snapshot.revision().shortId() + " cannot be read: " + e.getMessage(),
          e);
    }
  }
}
