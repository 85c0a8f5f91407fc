package io.dropserver.web.control;

/**
 * The JSON format of the control API. Keys are the names of the record components; absent values
 * are omitted. Thread-safe.
 */
final class ControlJson {
  private ControlJson() {}

  /** The body of every response whose status is not 2xx. */
  record ErrorBody(String error) {}
}
