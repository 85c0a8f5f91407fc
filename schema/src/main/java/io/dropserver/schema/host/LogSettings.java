package io.dropserver.schema.host;

import io.dropserver.schema.document.AmountType;
import io.dropserver.schema.document.MappingFields;
import io.dropserver.schema.document.YamlEnums;

/**
 * What is logged and how much of it the server retains. Standard error receives the server's own
 * log, whose retention the receiver decides, such as journald.
 *
 * @param appLines the newest lines of each app's output that are retained
 * @param appBytes the limit of their size in UTF-8
 * @param events the newest events that are retained
 * @param audit the audit log
 */
public record LogSettings(
    AccessLog access, int appLines, long appBytes, int events, AuditSettings audit) {
  /** Which requests of visitors are logged. */
  public enum AccessLog {
    ALL,
    /** All requests but those for assets, of which one in a hundred is logged. */
    SAMPLED,
    OFF
  }

  public static final LogSettings DEFAULT =
      new LogSettings(AccessLog.ALL, 2_000, 512 << 10, 2_000, AuditSettings.DEFAULT);

  static LogSettings read(MappingFields fields, FileFields files) {
    return new LogSettings(
        YamlEnums.of(fields.text("access"), AccessLog.class, DEFAULT.access()),
        fields.integer("appLines").orElse(DEFAULT.appLines()),
        AmountType.BYTES.read(fields, "appBytes", 64L << 10, 16L << 20).orElse(DEFAULT.appBytes()),
        fields.integer("events").orElse(DEFAULT.events()),
        AuditSettings.read(fields.fields("audit"), files));
  }
}
