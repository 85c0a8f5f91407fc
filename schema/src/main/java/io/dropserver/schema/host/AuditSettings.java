package io.dropserver.schema.host;

import io.dropserver.schema.document.AmountType;
import io.dropserver.schema.document.MappingFields;
import java.nio.file.Path;
import java.util.Optional;

/**
 * How much of the audit log is retained, and the receivers of copies.
 *
 * @param bytes the bound of its files in the state folder
 * @param serverLog whether the server's own log, which journald may receive, has each record
 * @param file another file to which each line is appended, and which the server never shortens
 */
public record AuditSettings(long bytes, boolean serverLog, Optional<Path> file) {
  public static final AuditSettings DEFAULT = new AuditSettings(32L << 20, false, Optional.empty());

  static AuditSettings read(MappingFields fields, FileFields files) {
    return new AuditSettings(
        AmountType.BYTES.read(fields, "bytes", 1L << 20, 1L << 30).orElse(DEFAULT.bytes()),
        fields.bool("serverLog").orElse(DEFAULT.serverLog()),
        files.path(fields, "file"));
  }
}
