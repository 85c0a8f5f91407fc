package io.dropserver.sandbox.lifecycle;

/** The work on the data of an appspace that excludes starts and other work. */
enum SandboxWork {
  NONE,
  /** The data is being copied: a running sandbox is frozen. */
  COPY,
  /** The sandbox is stopped, and possibly replaced. */
  REPLACE
}
