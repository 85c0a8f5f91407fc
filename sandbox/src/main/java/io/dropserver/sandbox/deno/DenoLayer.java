package io.dropserver.sandbox.deno;

/** Whether Deno's own permission system is active. */
public enum DenoLayer {
  ON,

  /**
   * {@code --allow-all}, as if Deno had a zero-day vulnerability. Tests use it to prove that the
   * outer layers are sufficient on their own. No configuration enables it.
   */
  OFF
}
