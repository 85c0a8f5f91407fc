package io.dropserver.reconciler.plan;

import static io.dropserver.state.tables.Tables.PASSKEY;
import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.reconciler.plan.ObjectChange.Action;
import io.dropserver.schema.instance.Kind;
import io.dropserver.state.StateDatabase;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LostPasskeysTest {

  private static Plan update(FieldChange... fields) {
    ObjectKey instance = new ObjectKey(Kind.INSTANCE, "home");
    return new Plan(
        List.of(new ObjectChange(Action.UPDATE, instance, List.of(fields), Optional.empty())));
  }

  private static void insert(StateDatabase database, String id, String domain) {
    database.write(
        on ->
            on.insertInto(PASSKEY)
                .set(PASSKEY.ID, id)
                .set(PASSKEY.USER_NAME, "alice")
                .set(PASSKEY.DOMAIN, domain)
                .set(PASSKEY.LABEL, id)
                .set(PASSKEY.ATTESTED, new byte[0])
                .set(PASSKEY.SIGN_COUNT, 0L)
                .set(PASSKEY.BACKUP_ELIGIBLE, false)
                .set(PASSKEY.CREATED_AT, 0L)
                .execute());
  }

  @Test
  void aDomainChangeLosesPasskeysOfThePreviousDomain(@TempDir Path folder) {
    FieldChange domain =
        new FieldChange("domain", Optional.of("old.example"), Optional.of("new.example"));
    FieldChange other =
        new FieldChange("reconcile.interval", Optional.of("30s"), Optional.of("1h"));
    try (StateDatabase database =
        StateDatabase.open(folder.resolve("state.db"), Clock.systemUTC())) {
      assertThat(LostPasskeys.of(update(domain), database)).as("nobody has one").isEmpty();
      insert(database, "one", "old.example");
      insert(database, "two", "old.example");
      insert(database, "three", "new.example");
      assertThat(LostPasskeys.of(update(other, domain), database))
          .hasValue(new LostPasskeys("old.example", 2));
      assertThat(LostPasskeys.of(update(other), database)).isEmpty();
      assertThat(LostPasskeys.of(new Plan(List.of()), database)).isEmpty();
    }
  }

  @Test
  void theTextStatesTheNumberOfPasskeys() {
    assertThat(new LostPasskeys("old.example", 1).toString()).contains("1 passkey, created for");
    assertThat(new LostPasskeys("old.example", 2).toString()).contains("2 passkeys, created for");
  }
}
