package io.dropserver.schema.edit;

/** Why a file is left alone. */
final class UneditableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  UneditableException(String why) {
    super(why, null, false, false);
  }

  String why() {
    return String.valueOf(getMessage());
  }
}
