package io.dropserver.reconciler.source;

import java.io.IOException;
import java.text.ParseException;
import java.time.Instant;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.eclipse.jgit.api.PackRefsCommand;
import org.eclipse.jgit.internal.storage.file.FileRepository;
import org.eclipse.jgit.internal.storage.file.GC;
import org.eclipse.jgit.lib.EmptyProgressMonitor;
import org.eclipse.jgit.lib.ProgressMonitor;
import org.eclipse.jgit.storage.pack.PackConfig;

/**
 * Joins the packs of a bare repository, because each fetch adds one and each read searches all.
 * Also packs references and loose objects. Objects without a reference stay for two weeks.
 */
final class GarbageCollection {
  /** A collection is due when a repository has more packs. */
  static final int MAX_PACKS = 40;

  /** The folder with a 256th of the loose objects. A collection is due when it contains more. */
  private static final String SAMPLE = "17";

  private static final int MAX_SAMPLE = 26;

  /** Bounds of the memory for comparing objects with each other. */
  private static final int LARGEST_COMPARED_BYTES = 4 << 20;

  private static final long COMPARISON_BYTES = 32L << 20;

  private GarbageCollection() {}

  static boolean isDue(FileRepository repository) {
    String[] loose =
        repository.getObjectDatabase().getDirectory().toPath().resolve(SAMPLE).toFile().list();
    return repository.getObjectDatabase().getPacks().size() > MAX_PACKS
        || (loose != null && loose.length > MAX_SAMPLE);
  }

  /**
   * Collects. The caller ensures that no other thread fetches or changes references meanwhile;
   * other threads may read.
   *
   * @throws IOException also when it was cancelled; the repository is then complete, and the next
   *     collection continues
   */
  static void run(FileRepository repository, BooleanSupplier cancelled) throws IOException {
    PackConfig config = new PackConfig(repository);
    config.setThreads(1);
    config.setBigFileThreshold(LARGEST_COMPARED_BYTES);
    config.setDeltaSearchMemoryLimit(COMPARISON_BYTES);
    GC collection = new GC(repository);
    collection.setPackConfig(config);
    // Every earlier pack, also one with a time in the future, because the date may be wrong.
    collection.setPackExpire(Instant.ofEpochMilli(Long.MAX_VALUE));
    ProgressMonitor monitor = new CancelMonitor(cancelled);
    collection.setProgressMonitor(monitor);
    try {
      repository.getRefDatabase().packRefs(monitor, new PackRefsCommand(repository).setAll(true));
      var _ = collection.repack();
      collection.prune(Set.of());
    } catch (ParseException e) {
      throw new IOException("the times in its Git configuration are not readable", e);
    }
  }

  private static final class CancelMonitor extends EmptyProgressMonitor {
    private final BooleanSupplier cancelled;

    CancelMonitor(BooleanSupplier cancelled) {
      this.cancelled = cancelled;
    }

    @Override
    public boolean isCancelled() {
      return cancelled.getAsBoolean();
    }
  }
}
