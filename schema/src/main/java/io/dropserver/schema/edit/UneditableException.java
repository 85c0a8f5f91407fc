package io.dropserver.schema.edit;

/** A file cannot be edited. {@link WhitelistEditor} returns the reason to its caller. */
final class UneditableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  UneditableException(String why) {
    super(why, null, false, false);
  }

  String reason() {
    return String.valueOf(getMessage());
  }
}
