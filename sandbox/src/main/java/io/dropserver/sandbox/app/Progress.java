package io.dropserver.sandbox.app;

/** Hears of each step of an installation as it begins. Called by the installing thread. */
@FunctionalInterface
public interface Progress {

  Progress SILENT = step -> {};

  void begins(Step step);

  /** In their order. */
  enum Step {
    FETCH,
    MANIFEST,
    DEPENDENCIES,
    CACHE,
    SELF_CHECK,
    COMPLETE
  }
}
