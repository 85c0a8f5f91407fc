package io.dropserver.schema.instance;

/** The document kinds, in the order in which they are converged. */
public enum Kind {
  INSTANCE("Instance"),
  USER("User"),
  GROUP("Group"),
  APP("App"),
  APPSPACE("Appspace"),
  EGRESS_WHITELIST("EgressWhitelist"),
  SECRET("Secret");

  private final String text;

  Kind(String text) {
    this.text = text;
  }

  /** Returns the value of {@code kind:} in a document. */
  public String text() {
    return text;
  }
}
