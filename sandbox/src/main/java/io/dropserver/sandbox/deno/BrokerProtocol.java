package io.dropserver.sandbox.deno;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.json.JsonMapper;

/** Messages of Deno's permission broker protocol, version 1. Each message is a line. */
final class BrokerProtocol {
  private static final int VERSION = 1;
  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private BrokerProtocol() {}

  /**
   * Parses a request. Returns empty if the line is not a valid request; such a line gets no
   * response.
   */
  static Optional<PermissionRequest> request(byte[] line) {
    try {
      JsonNode node = JSON.readTree(line);
      JsonNode id = node.path("id");
      JsonNode permission = node.path("permission");
      JsonNode value = node.path("value");
      boolean wellFormed =
          node.path("v").isInt()
              && node.path("v").intValue() == VERSION
              && id.isIntegralNumber()
              && id.canConvertToLong()
              && permission.isString()
              && (value.isString() || value.isNull() || value.isMissingNode());
      if (!wellFormed) {
        return Optional.empty();
      }
      Optional<String> text =
          value.isString() ? Optional.of(value.stringValue()) : Optional.empty();
      return Optional.of(new PermissionRequest(id.longValue(), permission.stringValue(), text));
    } catch (JacksonException hostile) {
      return Optional.empty();
    }
  }

  static byte[] answer(long id, Verdict verdict) {
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("id", id);
    switch (verdict) {
      case Verdict.Allow allow -> answer.put("result", "allow");
      case Verdict.Deny(String reason) -> {
        answer.put("result", "deny");
        answer.put("reason", reason);
      }
    }
    return (JSON.writeValueAsString(answer) + "\n").getBytes(StandardCharsets.UTF_8);
  }
}
