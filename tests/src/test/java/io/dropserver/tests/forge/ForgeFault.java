package io.dropserver.tests.forge;

/** A fault of a forge. */
public enum ForgeFault {
  /** 401. */
  TOKEN_REFUSED,
  /** 403 that does not mention a limit. */
  FORBIDDEN,
  /** 403 with the time at which the limit ends, in GitHub's format. */
  LIMIT_SPENT,
  /** 403 with a message only, as GitHub's secondary limits may send. */
  LIMIT_IN_WORDS,
  /** 429 and {@code Retry-After: 77}. */
  TOO_MANY,
  /** 429 and {@code Retry-After: 1}. */
  TOO_MANY_BRIEFLY,
  /** 500. */
  BROKEN,
  /** 503 without a time. */
  UNAVAILABLE,
  /** Closes the connection before processing the request. */
  CUT,
  /** Processes the request, and closes the connection before responding. */
  ANSWER_LOST,
  /** Sends no response until the forge is closed. */
  SILENT,
  /** Sends a head, and no body until the forge is closed. */
  SILENT_BODY,
  /** 200 with an HTML page. */
  NOT_JSON,
  /** 200 with unexpected JSON. */
  NO_PULL_REQUEST,
  /** 301 to another location. */
  MOVED,
  /** A search finds nothing, because the forge's index is outdated. */
  FINDS_NOTHING
}
