package io.dropserver.state.condition;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Types of conditions, each with its normal status, its severity while it has the other one, and
 * whether it then makes its object or the server not ready. Every output follows this table, as
 * {@code docs/reference/conditions.md} lists. The texts are stable, like those of {@link Reason}.
 */
public enum ConditionType {
  READY(true, Severity.ERROR, true),
  ISOLATED(true, Severity.ERROR, false),
  STALLED(false, Severity.ERROR, false),
  SANDBOX_FAILING(false, Severity.ERROR, true),
  CPU_THROTTLED(false, Severity.INFO, false),
  PROCESS_LIMIT_REACHED(false, Severity.WARNING, false),
  STORAGE_FULL(false, Severity.ERROR, false),
  STORAGE_READ_ONLY(false, Severity.ERROR, true),
  BACKED_UP(true, Severity.ERROR, false),

  /** One for each further repository. The message begins with its name and a colon. */
  REPOSITORY_BACKED_UP(true, Severity.ERROR, false),
  SECRET_MISSING(false, Severity.ERROR, false),
  GRANT_ENDING(false, Severity.WARNING, false),

  /** A custom host does not lead to this server. */
  HOST_NOT_VERIFIED(false, Severity.ERROR, false),
  JOB_FAILING(false, Severity.ERROR, false),
  KEPT_AWAKE(true, Severity.INFO, false),
  KEPT(false, Severity.INFO, false),
  DATA_IN_BACKUP(false, Severity.INFO, false),
  UPDATE_OFFERED(false, Severity.INFO, false),
  UPDATE_FAILED(false, Severity.WARNING, false),
  SOURCE_FAILING(false, Severity.ERROR, true),
  REVISION_REFUSED(false, Severity.ERROR, true),
  SUSPENDED(false, Severity.WARNING, true),
  CERTIFICATE_INVALID(false, Severity.ERROR, false),
  CERTIFICATE_EXPIRING(false, Severity.WARNING, false),
  CERTIFICATE_MISSING(false, Severity.ERROR, false),
  LOGIN_PROVIDER_FAILING(false, Severity.ERROR, false),
  SANDBOXES_UNAVAILABLE(false, Severity.ERROR, true),

  DATABASE_REBUILT(false, Severity.ERROR, false),

  /** The backups are not on the disk that they protect. */
  OFF_MACHINE(true, Severity.WARNING, false),
  DISK_LOW(false, Severity.ERROR, false),
  NOTIFICATIONS_FAILING(false, Severity.ERROR, false),
  USER_NOTIFICATIONS_FAILING(false, Severity.WARNING, false),
  REPOSITORY_CHECKED(true, Severity.ERROR, false),
  DELETION_WAITS(false, Severity.WARNING, false),
  APPROVALS_WAITING(false, Severity.WARNING, false),
  METRICS_NOT_EXPORTED(false, Severity.WARNING, false);

  private static final Map<String, ConditionType> BY_TEXT =
      Arrays.stream(values()).collect(Collectors.toMap(ConditionType::text, Function.identity()));

  /** Reasons for which a condition without its normal status matters less. */
  private static final Map<String, Severity> BY_REASON =
      Map.of(
          AppspaceReason.PREPARING.text(), Severity.INFO,
          AppspaceReason.REVISION_MISSING.text(), Severity.INFO,
          AppspaceReason.PAUSED.text(), Severity.INFO,
          AppspaceReason.HELD_BY_OPERATOR.text(), Severity.INFO,
          AppspaceReason.WEAKER.text(), Severity.WARNING,
          BackupReason.NOT_YET.text(), Severity.INFO,
          BackupReason.LAST_BACKUP.text(), Severity.INFO);

  private final boolean normal;
  private final Severity severity;
  private final boolean preventsReady;

  ConditionType(boolean normal, Severity severity, boolean preventsReady) {
    this.normal = normal;
    this.severity = severity;
    this.preventsReady = preventsReady;
  }

  /** Returns the type with this text, or empty for a type of another release. */
  static Optional<ConditionType> find(String text) {
    return Optional.ofNullable(BY_TEXT.get(text));
  }

  /** Returns one word in UpperCamelCase, such as {@code SandboxFailing}. */
  public String text() {
    return Reason.word(name());
  }

  /** Returns the status while nothing is wrong. */
  public boolean normal() {
    return normal;
  }

  /** Returns the severity without the normal status, unless the reason lowers it. */
  public Severity severity() {
    return severity;
  }

  /** Returns whether the object or the server is not ready without the normal status. */
  public boolean preventsReady() {
    return preventsReady;
  }

  Severity severity(boolean status, String reason) {
    return status == normal ? Severity.OK : BY_REASON.getOrDefault(reason, severity);
  }
}
