package io.dropserver.tests.forge;

/** What a forge does instead of answering as it should. */
public enum Fault {
  /** 401. */
  TOKEN_REFUSED,
  /** 403, and nothing about limits. */
  FORBIDDEN,
  /** 403 and the time at which the limit is lifted, as GitHub says it. */
  LIMIT_SPENT,
  /** 403 with words alone, as GitHub's secondary limits may come. */
  LIMIT_IN_WORDS,
  /** 429 and {@code Retry-After: 77}. */
  TOO_MANY,
  /** 429 and {@code Retry-After: 1}. */
  TOO_MANY_BRIEFLY,
  /** 500. */
  BROKEN,
  /** 503 without a time. */
  UNAVAILABLE,
  /** Cut before anything was done. */
  CUT,
  /** Done, and cut before it was said. */
  ANSWER_LOST,
  /** No answer before the forge is closed. */
  SILENT,
  /** A head, and no body before the forge is closed. */
  SILENT_BODY,
  /** A page for people. */
  NOT_JSON,
  /** 200 and JSON of another kind. */
  NO_PULL_REQUEST,
  /** 301 to somewhere else. */
  MOVED,
  /** A search finds nothing, since the forge's index is late. */
  FINDS_NOTHING
}
