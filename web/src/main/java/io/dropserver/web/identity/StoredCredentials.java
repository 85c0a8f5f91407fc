package io.dropserver.web.identity;

import static io.dropserver.state.tables.Tables.PASSKEY;
import static io.dropserver.state.tables.Tables.PASSWORD;

import io.dropserver.state.StateDatabase;
import io.dropserver.state.tables.tables.records.PasskeyRecord;
import io.dropserver.state.tables.tables.records.PasswordRecord;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jooq.DSLContext;

/** Copies the credentials of users from one database to another. */
public final class StoredCredentials {
  private StoredCredentials() {}

  /**
   * What was copied.
   *
   * @param users who have a copied password or passkey
   */
  public record Copied(int passwords, int passkeys, SortedSet<String> users) {}

  /**
   * Adds passwords and passkeys in one transaction. A password that a user has set since stays. The
   * limit of passkeys for each user applies. Sessions and login links are not copied, because they
   * may have been ended since.
   */
  public static Copied copy(StateDatabase from, StateDatabase to) {
    List<PasswordRecord> passwords = from.read(on -> on.selectFrom(PASSWORD).fetch());
    List<PasskeyRecord> passkeys =
        from.read(on -> on.selectFrom(PASSKEY).orderBy(PASSKEY.CREATED_AT.desc()).fetch());
    return to.writeReturning(
        on -> {
          SortedSet<String> users = new TreeSet<>();
          int copiedPasswords = 0;
          for (PasswordRecord each : passwords) {
            if (on.insertInto(PASSWORD).set(each.intoMap()).onConflictDoNothing().execute() > 0) {
              copiedPasswords++;
              users.add(each.getUserName());
            }
          }
          int copiedPasskeys = 0;
          for (PasskeyRecord each : passkeys) {
            if (hasRoom(on, each.getUserName())
                && on.insertInto(PASSKEY).set(each.intoMap()).onConflictDoNothing().execute() > 0) {
              copiedPasskeys++;
              users.add(each.getUserName());
            }
          }
          return new Copied(copiedPasswords, copiedPasskeys, users);
        });
  }

  private static boolean hasRoom(DSLContext on, String user) {
    return on.fetchCount(PASSKEY, PASSKEY.USER_NAME.eq(user)) < PasskeyStore.MAX_PER_USER;
  }
}
