package io.dropserver.reconciler.audit;

import io.dropserver.base.text.JsonText;
import io.dropserver.control.AuditRecord;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import tools.jackson.core.JacksonException;

/** The lines of the audit log. They are ASCII, so that a line cannot control a terminal. */
final class AuditJson {
  private AuditJson() {}

  static byte[] line(AuditRecord record) {
    return (JsonText.ASCII.writeValueAsString(record) + "\n").getBytes(StandardCharsets.US_ASCII);
  }

  /** Returns the record of a line; empty for a line that a crash cut short. */
  static Optional<AuditRecord> parse(String line) {
    try {
      return Optional.of(JsonText.MAPPER.readValue(line, AuditRecord.class));
    } catch (JacksonException e) {
      return Optional.empty();
    }
  }
}
