package io.dropserver.sandbox.app;

/** Receives each step of an installation as it begins. Called by the installing thread. */
@FunctionalInterface
public interface InstallProgress {

  InstallProgress SILENT = step -> {};

  void stepStarted(Step step);

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
