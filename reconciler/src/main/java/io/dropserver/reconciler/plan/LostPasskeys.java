package io.dropserver.reconciler.plan;

import static io.dropserver.schema.state.tables.Tables.PASSKEY;

import io.dropserver.schema.instance.Kind;
import io.dropserver.schema.state.StateDatabase;
import java.util.Optional;

/**
 * Passkeys that a change of the instance's domain makes useless: browsers use one only where it was
 * made.
 *
 * @param domain on which they work
 */
public record LostPasskeys(String domain, int count) {

  /** Empty when the plan leaves the domain as it is, or nobody has one. */
  public static Optional<LostPasskeys> of(Plan plan, StateDatabase database) {
    return plan.changes().stream()
        .filter(change -> change.key().kind() == Kind.INSTANCE)
        .flatMap(change -> change.fields().stream())
        .filter(field -> field.path().equals("domain"))
        .flatMap(field -> field.before().stream())
        .map(
            before ->
                new LostPasskeys(
                    before, database.read(on -> on.fetchCount(PASSKEY, PASSKEY.DOMAIN.eq(before)))))
        .filter(lost -> lost.count() > 0)
        .findFirst();
  }

  /** For people. */
  @Override
  public String toString() {
    return "the domain changes: %d %s, made for %s, will let nobody in; who has no password needs a link (`dropserver user enroll NAME`)"
        .formatted(count, count == 1 ? "passkey" : "passkeys", domain);
  }
}
