package io.dropserver.backup;

/**
 * Receives the progress of a run. Implementations must return immediately. Called by one thread at
 * a time.
 */
@FunctionalInterface
public interface Progress {
  Progress SILENT = step -> {};

  void at(Step step);

  /**
   * @param phase one word, such as {@code copying}
   * @param percent progress of the phase, 0 to 100, or -1 if unknown
   * @param bytes processed in this phase
   * @param files processed in this phase
   */
  record Step(String phase, int percent, long bytes, long files) {}
}
