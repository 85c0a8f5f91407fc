package io.dropserver.web.identity;

import static io.dropserver.state.tables.Tables.PASSKEY;
import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.state.StateDatabase;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Credentials of a backup are added to those of a rebuilt database. */
@SuppressWarnings("NullAway.Init") // set before each test
class StoredCredentialsTest {
  private static final String EARLIER = "the earlier password";
  private static final String LATER = "the password since then";

  @TempDir Path folder;
  private StateDatabase from;
  private StateDatabase to;

  @BeforeEach
  void open() {
    from = StateDatabase.open(folder.resolve("from.db"), Clock.systemUTC());
    to = StateDatabase.open(folder.resolve("to.db"), Clock.systemUTC());
  }

  @AfterEach
  void close() {
    from.close();
    to.close();
  }

  private static void addPasskey(StateDatabase database, String id, String user, long createdAt) {
    database.write(
        on ->
            on.insertInto(PASSKEY)
                .set(PASSKEY.ID, id)
                .set(PASSKEY.USER_NAME, user)
                .set(PASSKEY.DOMAIN, "home.example.org")
                .set(PASSKEY.LABEL, "phone")
                .set(PASSKEY.ATTESTED, new byte[] {1})
                .set(PASSKEY.SIGN_COUNT, 7L)
                .set(PASSKEY.BACKUP_ELIGIBLE, true)
                .set(PASSKEY.CREATED_AT, createdAt)
                .execute());
  }

  private static int passkeys(StateDatabase database, String user) {
    return database.read(on -> on.fetchCount(PASSKEY, PASSKEY.USER_NAME.eq(user)));
  }

  @Test
  void passwordsAndPasskeysAreAddedAndLaterOnesStay() {
    PasswordStore earlier = new PasswordStore(from, Clock.systemUTC());
    earlier.set("alice", EARLIER);
    earlier.set("bob", EARLIER);
    addPasskey(from, "one", "alice", 1);
    addPasskey(from, "two", "carol", 2);
    PasswordStore later = new PasswordStore(to, Clock.systemUTC());
    later.set("bob", LATER);
    addPasskey(to, "three", "alice", 3);

    StoredCredentials.Copied copied = StoredCredentials.copy(from, to);

    assertThat(copied.passwords()).isEqualTo(1);
    assertThat(copied.passkeys()).isEqualTo(2);
    assertThat(copied.users()).containsExactly("alice", "carol");
    assertThat(later.matches("alice", EARLIER)).isTrue();
    assertThat(later.matches("bob", LATER)).isTrue();
    assertThat(passkeys(to, "alice")).isEqualTo(2);
    assertThat(StoredCredentials.copy(from, to).users()).as("a repetition adds nothing").isEmpty();
  }

  @Test
  void theLimitOfPasskeysAppliesAndTheNewestAreKept() {
    for (int i = 0; i < PasskeyStore.MAX_PER_USER; i++) {
      addPasskey(from, "earlier" + i, "alice", i);
    }
    addPasskey(to, "later", "alice", 1000);
    assertThat(StoredCredentials.copy(from, to).passkeys())
        .isEqualTo(PasskeyStore.MAX_PER_USER - 1);
    List<String> ids = to.read(on -> on.selectFrom(PASSKEY).fetch(PASSKEY.ID));
    assertThat(ids).contains("later", "earlier19").doesNotContain("earlier0");
  }
}
