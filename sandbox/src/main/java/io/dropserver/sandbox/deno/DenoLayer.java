package io.dropserver.sandbox.deno;

/** Whether Deno's own permission system takes part. */
public enum DenoLayer {
  ON,

  /**
   * {@code --allow-all} and no broker, as if it had a zero-day. For proofs that the layers around
   * it hold by themselves; no configuration reaches it.
   */
  OFF
}
