package io.dropserver.web.identity;

import static io.dropserver.schema.state.tables.Tables.ENROLMENT;
import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.schema.state.StateDatabase;
import java.nio.file.Path;
import java.time.Clock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EnrolmentsTest {
  /** As the state of an earlier version has them, which kept several links of a user. */
  @Test
  void aLinkThatIsUsedEndsEveryOtherOneOfItsUser(@TempDir Path folder) {
    SettableClock clock = new SettableClock();
    try (StateDatabase database =
        StateDatabase.open(folder.resolve("state.db"), Clock.systemUTC())) {
      Enrolments enrolments = new Enrolments(database, clock);
      String bobs = enrolments.begin("bob", false);
      String link = enrolments.begin("alice", false);
      database.write(
          on ->
              on.insertInto(ENROLMENT)
                  .set(ENROLMENT.TOKEN, Secret.hash("earlier"))
                  .set(ENROLMENT.USER_NAME, "alice")
                  .set(ENROLMENT.DIRECT, false)
                  .set(ENROLMENT.EXPIRES_AT, clock.millis() + Enrolments.LIFE.toMillis())
                  .execute());
      assertThat(enrolments.find("earlier")).isPresent();
      assertThat(enrolments.use(link)).isPresent();
      assertThat(enrolments.find("earlier")).isEmpty();
      assertThat(enrolments.use("earlier")).isEmpty();
      assertThat(enrolments.find(bobs)).isPresent();
    }
  }
}
