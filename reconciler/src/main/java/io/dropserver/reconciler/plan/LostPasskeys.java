package io.dropserver.reconciler.plan;

import static io.dropserver.state.tables.Tables.PASSKEY;

import io.dropserver.schema.instance.Kind;
import io.dropserver.state.StateDatabase;
import java.util.Optional;

/**
 * The passkeys that stop working when the instance's domain changes. Browsers offer a passkey only
 * on the domain where it was created.
 *
 * @param domain the domain where the passkeys were created
 */
public record LostPasskeys(String domain, int count) {

  /**
   * Returns the passkeys that a plan makes unusable; empty if the plan does not change the domain
   * or there are no passkeys for it.
   */
  public static Optional<LostPasskeys> of(Plan plan, StateDatabase database) {
    return plan.changes().stream()
        .filter(objectChange -> objectChange.key().kind() == Kind.INSTANCE)
        .flatMap(objectChange -> objectChange.fields().stream())
        .filter(field -> field.path().equals("domain"))
        .flatMap(field -> field.before().stream())
        .map(
            before ->
                new LostPasskeys(
                    before, database.read(on -> on.fetchCount(PASSKEY, PASSKEY.DOMAIN.eq(before)))))
        .filter(lost -> lost.count() > 0)
        .findFirst();
  }

  /** Returns a warning for the operator. */
  @Override
  public String toString() {
    return "the domain changes: %d %s, created for %s, will no longer work; users without a password need a link (`dropserver user enroll NAME`)"
        .formatted(count, count == 1 ? "passkey" : "passkeys", domain);
  }
}
