package io.dropserver.state;

/** The outcome of a {@link DataClaim}. */
public sealed interface ClaimOutcome {

  record DataAssigned(DataFolder data, ClaimOrigin origin) implements ClaimOutcome {}

  /** How the appspace obtained the data. */
  enum ClaimOrigin {
    KEPT,
    CREATED,
    ADOPTED,
    RENAMED
  }

  /**
   * Nothing was assigned, because a person must decide whether the appspace gets this data: it was
   * retained under the appspace's name for another app or owner, or it belongs to the same app and
   * owner and its appspace is no longer declared.
   */
  record DataWithheld(DataFolder data) implements ClaimOutcome {}

  /** The appspace was removed meanwhile; nothing was assigned. */
  record ClaimCancelled() implements ClaimOutcome {}
}
