package io.dropserver.sandbox.usage;

/** A limit that a sandbox runs into now. */
public enum Pressure {
  /** It waits for the processor half of the last minute or more. */
  CPU,

  /** A fork was refused within the last minute. */
  PROCESSES,

  /** Nothing more can be written, or more is stored than the limit that is not enforced. */
  STORAGE,

  /** Nothing more can be written, because the disk of the server is full. */
  DISK
}
