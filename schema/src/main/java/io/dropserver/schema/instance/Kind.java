package io.dropserver.schema.instance;

/** The five kinds of document, in the order in which they are converged. */
public enum Kind {
  INSTANCE("Instance"),
  USER("User"),
  APP("App"),
  APPSPACE("Appspace"),
  EGRESS_WHITELIST("EgressWhitelist");

  private final String text;

  Kind(String text) {
    this.text = text;
  }

  /** The word that stands in a document's {@code kind:}. */
  public String text() {
    return text;
  }
}
