package io.dropserver.schema.edit;

/** The reason why a file is not edited. */
final class UneditableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  UneditableException(String why) {
    super(why, null, false, false);
  }

  String reason() {
    return String.valueOf(getMessage());
  }
}
