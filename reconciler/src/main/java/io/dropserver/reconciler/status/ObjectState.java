package io.dropserver.reconciler.status;

import io.dropserver.reconciler.plan.ObjectKey;
import java.util.Optional;

/**
 * The state of a declared object.
 *
 * @param fingerprint of the last applied declaration; empty if nothing was applied yet
 * @param source where it is declared: {@code file:line:column}
 * @param keptFrom the last revision that declared it, if it was removed from the repo while prune
 *     was off
 */
public record ObjectState(
    ObjectKey key,
    Optional<String> fingerprint,
    String source,
    Optional<String> keptFrom,
    Conditions conditions) {

  public static ObjectState fresh(ObjectKey key, String source) {
    return new ObjectState(key, Optional.empty(), source, Optional.empty(), Conditions.NONE);
  }

  public ObjectState with(Conditions changed) {
    return new ObjectState(key, fingerprint, source, keptFrom, changed);
  }

  public ObjectState applied(String newFingerprint) {
    return new ObjectState(key, Optional.of(newFingerprint), source, keptFrom, conditions);
  }

  public ObjectState at(String newSource) {
    return new ObjectState(key, fingerprint, newSource, keptFrom, conditions);
  }

  public ObjectState keptFrom(Optional<String> revision) {
    return new ObjectState(key, fingerprint, source, revision, conditions);
  }

  /** Whether the difference does not have to be written to the database. */
  boolean needsNoWrite(ObjectState before) {
    return fingerprint.equals(before.fingerprint)
        && keptFrom.equals(before.keptFrom)
        && conditions.hasSameContent(before.conditions);
  }
}
