package io.dropserver.reconciler.source;

import io.dropserver.schema.instance.SourceTree;
import java.util.Optional;

/**
 * The source of desired state: the followed branch of the config repository. For each head, the
 * reconcile loop calls {@link #poll}, validates the revision, records it as served, calls {@link
 * #markServed}, and applies it. The source does not validate YAML.
 *
 * <p>The state database records which revision is served. The source has a copy of that record, and
 * keeps the revision readable while the remote is down. Thread-safe; polls run one at a time.
 */
public interface ConfigSource extends AutoCloseable {

  /**
   * Queries the remote's head and fetches it if it moved. Costs one ls-remote if it did not.
   * Problems of the remote or its content are returned, not thrown.
   *
   * @param served the revision in service; a head that does not descend from it is a rewrite
   * @param allowRewrite {@code reconcile.allowRewrite} of the revision in service, never of the
   *     fetched revision; false before the first revision
   */
  PollResult poll(Optional<String> served, boolean allowRewrite);

  /**
   * Returns the revision last passed to {@link #markServed}. Needed if the state database is lost.
   * Empty on the first start and after the loss of the local repository.
   */
  Optional<String> servedCopy();

  /**
   * Reads a revision from the local repository; empty if it was not fetched.
   *
   * @param revisionId 40 hex digits
   * @throws SourceException when the revision is not readable
   */
  Optional<Snapshot> find(String revisionId);

  /**
   * Reads a fetched revision from the local repository.
   *
   * @param revisionId 40 hex digits
   * @throws SourceException when the revision is not in the local repository or not readable
   */
  Snapshot snapshot(String revisionId);

  /**
   * Accepts one head that rewrites history or declares nothing. The acceptance survives restarts
   * and lasts until another revision is served. It applies from the next {@link #poll} on.
   *
   * @param sha 40 hex digits, or at least the first 7 digits of the head that was fetched last
   * @throws SourceException when {@code sha} is neither
   */
  void accept(String sha);

  /** Returns whether an operator accepted this revision with {@link #accept}. */
  boolean isAccepted(String revisionId);

  /**
   * Copies the record of the served revision into the source and deletes an acceptance.
   *
   * @param revisionId the revision of a {@link PollResult.Moved}
   * @throws SourceException when the revision is not in the local repository or cannot be copied
   */
  void markServed(String revisionId);

  @Override
  void close();

  /** A revision and its files. */
  record Snapshot(Revision revision, SourceTree tree) {}
}
