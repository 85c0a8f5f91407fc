package io.dropserver.reconciler.source;

import io.dropserver.schema.instance.SourceTree;
import java.util.Optional;

/**
 * The source of desired state: the followed branch of the config repository. The reconcile loop
 * owns the sequence {@link #poll}, validate, apply, {@link #markServed}. This interface does not
 * validate YAML.
 *
 * <p>Thread-safe; polls run one at a time. The served revision survives a restart and is readable
 * while the remote is down.
 */
public interface ConfigSource extends AutoCloseable {

  /**
   * Asks the remote for its head and fetches it if it moved. Never throws because of the remote or
   * its content. Costs one ls-remote if nothing moved.
   *
   * @param allowRewrite {@code reconcile.allowRewrite} of the revision in service, never of the
   *     revision under examination; false before the first revision
   */
  PollResult poll(boolean allowRewrite);

  /**
   * The revision last passed to {@link #markServed}, read from the local repository alone. Empty on
   * the first start and after the loss of the state folder.
   */
  Optional<Snapshot> lastGood();

  /**
   * A fetched revision, by full ID, read from the local repository alone.
   *
   * @throws SourceException when the revision is not in the local repository or not readable
   */
  Snapshot snapshot(String revisionId);

  /**
   * Accepts, once, a head that rewrites history. The acceptance survives restarts and lasts until
   * another revision is served. The next {@link #poll} uses it.
   *
   * @param sha 40 hex digits, or a prefix of at least 7 digits of the head last seen
   * @throws SourceException when it is neither
   */
  void accept(String sha);

  /** Whether {@link #accept} named this revision. Also applies to an instance that became empty. */
  boolean isAccepted(String revisionId);

  /**
   * Records that the revision is in service. Rewrites are judged against it, and a restart begins
   * with it. Durable when this returns.
   *
   * @param revisionId the revision of a {@link PollResult.Moved}
   * @throws SourceException when it is not in the local repository or cannot be recorded
   */
  void markServed(String revisionId);

  @Override
  void close();

  /** A revision and its files. */
  record Snapshot(Revision revision, SourceTree tree) {}
}
