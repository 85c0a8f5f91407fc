package io.dropserver.reconciler.edit;

/**
 * A file cannot be edited. {@link WhitelistEditor} and {@link AppEditor} return the reason to their
 * caller.
 */
final class UneditableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  UneditableException(String why) {
    super(why, null, false, false);
  }

  String reason() {
    return String.valueOf(getMessage());
  }
}
