package io.dropserver.reconciler.status;

import static io.dropserver.state.tables.Tables.FAILED_INSTALLATION;

import io.dropserver.base.text.ShortText;
import io.dropserver.state.StateDatabase;
import io.dropserver.state.condition.AppReason;
import io.dropserver.state.condition.Reason;
import java.time.Clock;
import java.util.Optional;
import org.jooq.Condition;

/**
 * Records app versions whose last installation failed, so that a restarted server does not repeat
 * installations that need an edit or a person. Deletes the oldest records beyond {@value #KEPT}; a
 * version without a record is installed once more. Thread-safe.
 */
public record FailedInstallations(StateDatabase database, Clock clock) {
  /** The maximum number of records. */
  static final int KEPT = 1_000;

  /** The maximum length of a stored message, in characters. */
  static final int MESSAGE_CHARS = 8_000;

  /** The content of one version of one app. */
  public record Version(String app, String version, String contentId) {}

  /**
   * A failed installation.
   *
   * @param installer the versions of the programs that made the attempt
   */
  public record Failure(String installer, AppReason reason, String message) {}

  public Optional<Failure> find(Version version) {
    return database
        .read(on -> on.fetchOptional(FAILED_INSTALLATION, is(version)))
        .flatMap(
            row ->
                Reason.find(AppReason.class, row.getReason())
                    .map(reason -> new Failure(row.getInstaller(), reason, row.getMessage())));
  }

  /** Records a failure in place of an earlier one of the same version. */
  public void put(Version version, Failure failure) {
    String stored = ShortText.first(failure.message(), MESSAGE_CHARS);
    database.write(
        on -> {
          on.deleteFrom(FAILED_INSTALLATION).where(is(version)).execute();
          on.insertInto(FAILED_INSTALLATION)
              .set(FAILED_INSTALLATION.APP, version.app())
              .set(FAILED_INSTALLATION.VERSION, version.version())
              .set(FAILED_INSTALLATION.CONTENT_ID, version.contentId())
              .set(FAILED_INSTALLATION.INSTALLER, failure.installer())
              .set(FAILED_INSTALLATION.REASON, failure.reason().text())
              .set(FAILED_INSTALLATION.MESSAGE, stored)
              .set(FAILED_INSTALLATION.FAILED_AT, clock.millis())
              .execute();
          OldestRows.delete(on, FAILED_INSTALLATION, FAILED_INSTALLATION.FAILED_AT, KEPT);
        });
  }

  /** Removes the record of one version. */
  public void forget(Version version) {
    database.write(on -> on.deleteFrom(FAILED_INSTALLATION).where(is(version)).execute());
  }

  /** Removes the records of all versions of an app. */
  public void forgetApp(String app) {
    database.write(
        on -> on.deleteFrom(FAILED_INSTALLATION).where(FAILED_INSTALLATION.APP.eq(app)).execute());
  }

  private static Condition is(Version version) {
    return FAILED_INSTALLATION
        .APP
        .eq(version.app())
        .and(FAILED_INSTALLATION.VERSION.eq(version.version()))
        .and(FAILED_INSTALLATION.CONTENT_ID.eq(version.contentId()));
  }
}
