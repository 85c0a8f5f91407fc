package io.dropserver.reconciler.audit;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.dropserver.schema.status.AuditRecord;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.databind.json.JsonMapper;

/** The lines of the audit log. They are ASCII, so that a line cannot control a terminal. */
final class AuditJson {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
          .changeDefaultPropertyInclusion(
              inclusion -> inclusion.withValueInclusion(JsonInclude.Include.NON_ABSENT))
          .build();

  private AuditJson() {}

  static byte[] line(AuditRecord record) {
    return (MAPPER.writeValueAsString(record) + "\n").getBytes(StandardCharsets.US_ASCII);
  }

  /** Returns the record of a line; empty for a line that a crash cut short. */
  static Optional<AuditRecord> parse(String line) {
    try {
      return Optional.of(MAPPER.readValue(line, AuditRecord.class));
    } catch (JacksonException e) {
      return Optional.empty();
    }
  }
}
