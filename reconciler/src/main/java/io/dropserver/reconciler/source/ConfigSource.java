package io.dropserver.reconciler.source;

import io.dropserver.schema.instance.SourceTree;
import java.util.Optional;

/**
 * The source of desired state: the followed branch of the config repository. The reconcile loop
 * owns the sequence {@link #poll}, validate, record as served, {@link #markServed}, apply. This
 * interface does not validate YAML.
 *
 * <p>The state database records which revision is served. The source keeps that revision readable
 * while the remote is down, and a copy of its ID. Thread-safe; polls run one at a time.
 */
public interface ConfigSource extends AutoCloseable {

  /**
   * Asks the remote for its head and fetches it if it moved. Never throws because of the remote or
   * its content. Costs one ls-remote if nothing moved.
   *
   * @param served the revision in service; rewrites are judged against it
   * @param allowRewrite {@code reconcile.allowRewrite} of the revision in service, never of the
   *     revision under examination; false before the first revision
   */
  PollResult poll(Optional<String> served, boolean allowRewrite);

  /**
   * The revision last passed to {@link #markServed}, for a server whose state database is lost.
   * Empty on the first start and after the loss of the local repository.
   */
  Optional<String> servedCopy();

  /**
   * A revision, by full ID, read from the local repository alone; empty when it was not fetched.
   *
   * @throws SourceException when it is not readable
   */
  Optional<Snapshot> find(String revisionId);

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
   * Follows the record of the served revision: copies its ID and ends an acceptance.
   *
   * @param revisionId the revision of a {@link PollResult.Moved}
   * @throws SourceException when it is not in the local repository or cannot be copied
   */
  void markServed(String revisionId);

  @Override
  void close();

  /** A revision and its files. */
  record Snapshot(Revision revision, SourceTree tree) {}
}
