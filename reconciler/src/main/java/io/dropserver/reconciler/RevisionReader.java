package io.dropserver.reconciler;

import io.dropserver.reconciler.source.ConfigSource.Snapshot;
import io.dropserver.reconciler.source.SourceException;
import io.dropserver.schema.read.InstanceReader;
import io.dropserver.schema.read.ReadOptions;
import io.dropserver.schema.read.ReadResult;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Reads revisions incrementally: reuses the parsed files that did not change since the previous
 * revision. Thread-safe.
 */
final class RevisionReader {
  private final InstanceReader reader;
  private final ReadOptions options;

  /** Returns a result to reuse for the first read. Guarded by this. */
  private Supplier<Optional<ReadResult>> ahead;

  private Optional<ReadResult> last = Optional.empty();

  /**
   * @param ahead called by the first read; returns a result for the same repository, if any
   */
  RevisionReader(InstanceReader reader, ReadOptions options, Supplier<Optional<ReadResult>> ahead) {
    this.reader = reader;
    this.options = options;
    this.ahead = ahead;
  }

  /**
   * @throws SourceException when the files cannot be read
   */
  synchronized ReadResult read(Snapshot snapshot) {
    Optional<ReadResult> previous = last.or(ahead);
    ahead = Optional::empty;
    try {
      ReadResult result =
          reader.read(snapshot.tree(), previous.map(options::withPrevious).orElse(options));
      last = Optional.of(result);
      return result;
    } catch (IOException e) {
      throw new SourceException(
          "the files of " + snapshot.revision().shortId() + " cannot be read: " + e.getMessage(),
          e);
    }
  }
}
