package io.dropserver.sandbox.lifecycle;

/** What the sandbox of an appspace does. */
enum SandboxPhase {
  /** There is no sandbox. */
  NONE,
  STARTING,
  RUNNING,
  FALLING_ASLEEP,
  /** The sandbox is frozen until the next lease. */
  ASLEEP,
  WAKING_UP,
  STOPPING;

  /** Returns whether another thread will soon set the next phase. */
  boolean isTransition() {
    return switch (this) {
      case STARTING, FALLING_ASLEEP, WAKING_UP, STOPPING -> true;
      case NONE, RUNNING, ASLEEP -> false;
    };
  }

  /** Returns whether the declared spec must not change before the next phase. */
  boolean usesSpec() {
    return switch (this) {
      case FALLING_ASLEEP, WAKING_UP -> true;
      // A start that ends checks whether the spec is still the same.
      case NONE, STARTING, RUNNING, ASLEEP, STOPPING -> false;
    };
  }
}
