package io.dropserver.reconciler.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.reconciler.status.FailedInstallations.Failure;
import io.dropserver.reconciler.status.FailedInstallations.Version;
import io.dropserver.state.StateDatabase;
import io.dropserver.state.condition.AppReason;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FailedInstallationsTest {
  private static final Instant NOW = Instant.parse("2026-11-25T10:00:00Z");
  private static final Version NOTES = new Version("notes", "1.0.0", "tree-1");
  private static final Failure FAILURE =
      new Failure("deno-1", AppReason.SELF_CHECK_FAILED, "it threw");

  @TempDir Path folder;

  @SuppressWarnings("NullAway.Init") // set before each test
  private StateDatabase database;

  @SuppressWarnings("NullAway.Init") // set before each test
  private FailedInstallations failed;

  @BeforeEach
  void open() {
    database = StateDatabase.open(folder.resolve("state.db"), Clock.systemUTC());
    failed = new FailedInstallations(database, Clock.fixed(NOW, ZoneOffset.UTC));
  }

  @AfterEach
  void close() {
    database.close();
  }

  @Test
  void aRecordBelongsToOneContentOfOneVersionOfOneApp() {
    failed.put(NOTES, FAILURE);
    close();
    open();
    assertThat(failed.find(NOTES)).contains(FAILURE);
    assertThat(failed.find(new Version("notes", "1.0.0", "tree-2"))).isEmpty();
    assertThat(failed.find(new Version("notes", "1.0.1", "tree-1"))).isEmpty();
    assertThat(failed.find(new Version("diary", "1.0.0", "tree-1"))).isEmpty();
    Failure later = new Failure("deno-2", AppReason.FETCH_FAILED, "no response");
    failed.put(NOTES, later);
    assertThat(failed.find(NOTES)).contains(later);
    failed.forget(NOTES);
    assertThat(failed.find(NOTES)).isEmpty();
  }

  @Test
  void anAppIsForgottenWithAllItsVersions() {
    Version other = new Version("diary", "1.0.0", "tree-1");
    failed.put(NOTES, FAILURE);
    failed.put(new Version("notes", "2.0.0", "tree-2"), FAILURE);
    failed.put(other, FAILURE);
    failed.forgetApp("notes");
    assertThat(failed.find(NOTES)).isEmpty();
    assertThat(failed.find(new Version("notes", "2.0.0", "tree-2"))).isEmpty();
    assertThat(failed.find(other)).contains(FAILURE);
  }

  @Test
  void theOldestRecordsAreDeletedAndLongMessagesShortened() {
    database.write(
        on ->
            on.execute(
                "insert into failed_installation with recursive n(i) as (select 0 union all select"
                    + " i + 1 from n where i < 999) select 'notes', '1.0.0', 'old-' || i, 'deno-1',"
                    + " 'SelfCheckFailed', 'it threw', 1000 + i from n"));
    failed.put(NOTES, new Failure("deno-1", AppReason.SELF_CHECK_FAILED, "x".repeat(1 << 20)));
    assertThat(failed.find(NOTES).orElseThrow().message())
        .hasSize(FailedInstallations.MESSAGE_CHARS);
    assertThat(failed.find(new Version("notes", "1.0.0", "old-0"))).isEmpty();
    assertThat(failed.find(new Version("notes", "1.0.0", "old-1"))).isPresent();
  }
}
