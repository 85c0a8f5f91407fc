package io.dropserver.web.control;

import com.fasterxml.jackson.annotation.JsonInclude;
import tools.jackson.databind.json.JsonMapper;

/** The form of everything that crosses the control socket: keys as the records name them. */
final class ControlJson {
  static final JsonMapper MAPPER =
      JsonMapper.builder()
          .changeDefaultPropertyInclusion(
              inclusion -> inclusion.withValueInclusion(JsonInclude.Include.NON_ABSENT))
          .build();

  private ControlJson() {}

  /** The body of every answer that is not a 2xx. */
  record ErrorBody(String error) {}
}
