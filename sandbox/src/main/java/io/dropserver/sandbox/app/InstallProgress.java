package io.dropserver.sandbox.app;

/** Receives each step of an installation as it begins. Called by the installing thread. */
@FunctionalInterface
public interface InstallProgress {

  InstallProgress SILENT = step -> {};

  void stepStarted(Step step);

  /**
   * Receives the status of the last self-check's {@code GET /}, and the end of the app's output.
   *
   * @param output safe to print
   */
  default void answered(int status, String output) {}

  /** The steps in the order of their execution. */
  enum Step {
    FETCH,
    MANIFEST,
    DEPENDENCIES,
    CACHE,
    SELF_CHECK,
    PUBLISH,
    COMPLETE
  }
}
