package io.dropserver.sandbox.usage;

/** A limit that a sandbox currently reaches. */
public enum Pressure {
  /** The sandbox was throttled for at least half of the last minute. */
  CPU,

  /** A fork was refused within the last minute. */
  PROCESSES,

  /** No more data can be written, or the stored data exceeds a limit that is not enforced. */
  STORAGE,

  /** No more data can be written, because the server's disk is full. */
  DISK
}
