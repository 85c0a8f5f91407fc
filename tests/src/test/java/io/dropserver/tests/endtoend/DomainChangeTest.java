package io.dropserver.tests.endtoend;

import static io.dropserver.state.tables.Tables.PASSKEY;
import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.state.StateDatabase;
import io.dropserver.state.StateFolder;
import java.nio.file.Path;
import java.time.Clock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A passkey works only on the domain for which it was created. */
class DomainChangeTest {

  @Test
  void aPlanCountsThePasskeysLostByADomainChange(@TempDir Path folder) throws Exception {
    try (LiveInstance instance = LiveInstance.tiny(folder)) {
      instance.start().close();
      try (StateDatabase database =
          StateDatabase.open(new StateFolder(instance.state()).database(), Clock.systemUTC())) {
        insert(database, "one");
        insert(database, "two");
      }
      assertThat(instance.plan().out()).doesNotContain("lostPasskeys");
      instance
          .repository()
          .replace("instance.yaml", MinimalInstance.DOMAIN, "elsewhere.localhost")
          .push("Move");
      CommandLineProgram plan = instance.plan();
      assertThat(plan.out()).contains("\"lostPasskeys\"", "\"count\" : 2", MinimalInstance.DOMAIN);
    }
  }

  private static void insert(StateDatabase database, String id) {
    database.write(
        on ->
            on.insertInto(PASSKEY)
                .set(PASSKEY.ID, id)
                .set(PASSKEY.USER_NAME, "alice")
                .set(PASSKEY.DOMAIN, MinimalInstance.DOMAIN)
                .set(PASSKEY.LABEL, id)
                .set(PASSKEY.ATTESTED, new byte[0])
                .set(PASSKEY.SIGN_COUNT, 0L)
                .set(PASSKEY.BACKUP_ELIGIBLE, false)
                .set(PASSKEY.CREATED_AT, 0L)
                .execute());
  }
}
