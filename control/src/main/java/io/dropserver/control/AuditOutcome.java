package io.dropserver.control;

import java.util.Locale;

/** How an operation of the audit log ended. */
public enum AuditOutcome {
  /** A long operation began. A second record with another outcome follows when it ends. */
  STARTED,
  DONE,
  REFUSED,
  /** The operation ended with an unexpected error, or its caller cancelled it. */
  FAILED;

  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
