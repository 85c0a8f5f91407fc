package io.dropserver.schema.state;

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

  /** Retained data of this name exists, but belongs to another app or owner. */
  record DataWithheld(DataFolder data) implements ClaimOutcome {}

  /** The appspace was removed meanwhile; nothing was assigned. */
  record ClaimCancelled() implements ClaimOutcome {}
}
