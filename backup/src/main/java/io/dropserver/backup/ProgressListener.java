package io.dropserver.backup;

/**
 * Receives the progress of a backup, restore or verification. Implementations must return
 * immediately. Called by one thread at a time.
 */
@FunctionalInterface
public interface ProgressListener {
  ProgressListener NONE = progressStep -> {};

  void report(ProgressStep progressStep);

  /**
   * @param phase one word, such as {@code copying}
   * @param percent progress of the phase, 0 to 100, or -1 if unknown
   * @param bytes processed in this phase
   * @param files processed in this phase
   */
  record ProgressStep(String phase, int percent, long bytes, long files) {}
}
