package io.dropserver.reconciler.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.state.StateDatabase;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoredDeliveriesTest {
  private static final Instant NOW = Instant.parse("2026-11-25T10:00:00Z");

  @TempDir Path folder;

  @SuppressWarnings("NullAway.Init") // set before each test
  private StateDatabase database;

  @BeforeEach
  void open() {
    database = StateDatabase.open(folder.resolve("state.db"), Clock.systemUTC());
  }

  @AfterEach
  void close() {
    database.close();
  }

  private StoredDeliveries at(Duration later) {
    return new StoredDeliveries(database, Clock.fixed(NOW.plus(later), ZoneOffset.UTC));
  }

  @Test
  void concurrentDuplicatesAreRecordedOnce() throws Exception {
    StoredDeliveries log = at(Duration.ZERO);
    Callable<Boolean> deliver = () -> log.recordIfNew("origin", "one");
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      long first =
          threads.invokeAll(IntStream.range(0, 50).mapToObj(i -> deliver).toList()).stream()
              .filter(response -> response.resultNow())
              .count();
      assertThat(first).isEqualTo(1);
    }
    assertThat(log.recordIfNew("another", "one")).isTrue();
  }

  @Test
  void deliveriesSurviveARestartAndExpireAfterNinetyDays() {
    assertThat(at(Duration.ZERO).recordIfNew("origin", "one")).isTrue();
    assertThat(at(Duration.ofDays(89)).recordIfNew("origin", "one")).isFalse();
    assertThat(at(Duration.ofDays(91)).recordIfNew("origin", "two")).isTrue();
    assertThat(at(Duration.ofDays(91)).recordIfNew("origin", "one")).isTrue();
  }

  @Test
  void theOldestDeliveriesAreDroppedBeyondTheLimit() {
    database.write(
        on ->
            on.execute(
                "insert into webhook_delivery with recursive n(i) as (select 0 union all select i"
                    + " + 1 from n where i < 9999) select 'origin', 'old-' || i, "
                    + NOW.toEpochMilli()
                    + " + i from n"));
    assertThat(at(Duration.ofMinutes(1)).recordIfNew("origin", "new")).isTrue();
    assertThat(at(Duration.ofMinutes(1)).recordIfNew("origin", "new")).isFalse();
    assertThat(at(Duration.ofMinutes(1)).recordIfNew("origin", "old-1")).isFalse();
    assertThat(at(Duration.ofMinutes(1)).recordIfNew("origin", "old-0")).isTrue();
  }
}
