package io.dropserver.sandbox.deno;

/** The answer to a permission request. */
public sealed interface Verdict {

  record Allow() implements Verdict {}

  /**
   * @param reason becomes the message of the app's {@code NotCapable} error
   */
  record Deny(String reason) implements Verdict {}
}
