package io.dropserver.reconciler.source;

import io.dropserver.schema.instance.SourceTree;
import java.util.Optional;

/**
 * Where desired state comes from: the followed branch of the config repository. The reconcile loop
 * owns the sequence {@link #poll}, validate, apply, {@link #served}; nothing here decides what is
 * valid YAML.
 *
 * <p>Thread-safe; polls run one after the other. What was declared served survives a restart and is
 * readable while the remote is down.
 */
public interface ConfigSource extends AutoCloseable {

  /**
   * Looks at the remote and fetches when its head moved. Never throws for what a remote or its
   * content can cause. Costs one ls-remote while nothing moves.
   *
   * @param allowRewrite {@code reconcile.allowRewrite} of the revision in service, never of the one
   *     that is about to be judged; false before the first
   */
  PollResult poll(boolean allowRewrite);

  /**
   * The revision last passed to {@link #served}, from the local repository alone. Empty on a first
   * start and after the state folder was lost.
   */
  Optional<Snapshot> lastGood();

  /**
   * Any revision that was fetched, by full id; from the local repository alone.
   *
   * @throws SourceException when it is not in the local repository or not readable
   */
  Snapshot snapshot(String revisionId);

  /**
   * A person's one-time yes to a head that rewrites history. Kept until another revision is served,
   * across restarts; the next {@link #poll} uses it.
   *
   * @param sha 40 hex digits, or at least 7 that begin the id of the head last seen
   * @throws SourceException when it is neither
   */
  void accept(String sha);

  /** Whether {@link #accept} named this revision; for judging an emptied instance. */
  boolean accepted(String revisionId);

  /**
   * The revision is in service from now on: rewrites are judged against it and a restart begins
   * with it. Durable when this returns.
   *
   * @param revisionId of a {@link PollResult.Moved}
   * @throws SourceException when it is not in the local repository or not writable
   */
  void served(String revisionId);

  @Override
  void close();

  /** A revision and its files. */
  record Snapshot(Revision revision, SourceTree tree) {}
}
