package io.dropserver.web.control;

import com.fasterxml.jackson.annotation.JsonInclude;
import tools.jackson.databind.json.JsonMapper;

/**
 * The JSON format of the control API. Keys are the names of the record components; absent values
 * are omitted. Thread-safe.
 */
final class ControlJson {
  static final JsonMapper MAPPER =
      JsonMapper.builder()
          .changeDefaultPropertyInclusion(
              inclusion -> inclusion.withValueInclusion(JsonInclude.Include.NON_ABSENT))
          .build();

  private ControlJson() {}

  /** The body of every response whose status is not 2xx. */
  record ErrorBody(String error) {}
}
