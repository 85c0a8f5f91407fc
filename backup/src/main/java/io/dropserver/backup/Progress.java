package io.dropserver.backup;

/** Is told how far a run is. Returns at once; called by one thread at a time. */
@FunctionalInterface
public interface Progress {
  Progress SILENT = step -> {};

  void at(Step step);

  /**
   * @param phase one word, such as {@code copying}
   * @param percent of the phase, 0 to 100; -1 where it cannot be told
   * @param bytes done in this phase
   * @param files done in this phase
   */
  record Step(String phase, int percent, long bytes, long files) {}
}
