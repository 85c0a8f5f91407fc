package io.dropserver.web.identity;

import static io.dropserver.state.tables.Tables.ENROLMENT;
import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.state.StateDatabase;
import io.dropserver.testing.SettableClock;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EnrolmentStoreTest {
  /** As the state of an earlier version has them, which kept several links of a user. */
  @Test
  void aLinkThatIsUsedEndsEveryOtherOneOfItsUser(@TempDir Path folder) {
    SettableClock clock = new SettableClock();
    try (StateDatabase database =
        StateDatabase.open(folder.resolve("state.db"), Clock.systemUTC())) {
      EnrolmentStore enrolmentStore = new EnrolmentStore(database, clock);
      String bobs = enrolmentStore.begin("bob", false);
      String link = enrolmentStore.begin("alice", false);
      database.write(
          on ->
              on.insertInto(ENROLMENT)
                  .set(ENROLMENT.TOKEN, RandomSecret.hash("earlier"))
                  .set(ENROLMENT.USER_NAME, "alice")
                  .set(ENROLMENT.DIRECT, false)
                  .set(ENROLMENT.EXPIRES_AT, clock.millis() + EnrolmentStore.LIFETIME.toMillis())
                  .execute());
      assertThat(enrolmentStore.find("earlier")).isPresent();
      assertThat(enrolmentStore.consume(link)).isPresent();
      assertThat(enrolmentStore.find("earlier")).isEmpty();
      assertThat(enrolmentStore.consume("earlier")).isEmpty();
      assertThat(enrolmentStore.find(bobs)).isPresent();
    }
  }

  @Test
  void aLinkOfALaterDateIsNotAcceptedWhenTheDateIsCorrected(@TempDir Path folder) {
    SettableClock clock = new SettableClock();
    try (StateDatabase database =
        StateDatabase.open(folder.resolve("state.db"), Clock.systemUTC())) {
      EnrolmentStore enrolmentStore = new EnrolmentStore(database, clock);
      String link = enrolmentStore.begin("alice", false);
      assertThat(enrolmentStore.pending())
          .containsOnly(Map.entry("alice", clock.instant().plus(EnrolmentStore.LIFETIME)));
      clock.advance(Duration.ofHours(-23));
      assertThat(enrolmentStore.find(link)).as("a small correction").isPresent();
      clock.advance(Duration.ofDays(-365));
      assertThat(enrolmentStore.find(link)).isEmpty();
      assertThat(enrolmentStore.pending()).isEmpty();
      assertThat(enrolmentStore.consume(link)).isEmpty();
      clock.advance(Duration.ofDays(365));
      assertThat(enrolmentStore.consume(link)).as("after a start in the past").isPresent();
    }
  }
}
