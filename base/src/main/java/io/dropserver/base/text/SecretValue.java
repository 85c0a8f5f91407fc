package io.dropserver.base.text;

import java.util.Optional;

/** What a secret that the gateway puts into a header may contain. */
public final class SecretValue {
  /**
   * Minimum length of a secret. A shorter value could be guessed, and redacting it could corrupt
   * responses that contain the same characters by chance.
   */
  public static final int SHORTEST = 8;

  public static final int LONGEST = 4096;

  private SecretValue() {}

  /** Returns a sentence without the value; empty if the value can be used. */
  public static Optional<String> flaw(String value) {
    if (value.length() < SHORTEST || value.length() > LONGEST) {
      return Optional.of("a secret has %d to %d characters".formatted(SHORTEST, LONGEST));
    }
    return value.chars().anyMatch(c -> c < ' ' || c > '~')
        ? Optional.of("a secret is one line of plain ASCII, because it is sent in a header")
        : Optional.empty();
  }
}
