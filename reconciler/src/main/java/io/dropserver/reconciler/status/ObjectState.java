package io.dropserver.reconciler.status;

import io.dropserver.reconciler.plan.ObjectKey;
import java.util.Optional;

/**
 * The state of a declared or retained object.
 *
 * @param fingerprint of the last applied declaration; empty if the object was never applied
 * @param source location of the declaration: {@code file:line:column}
 * @param keptFrom the last revision that declared the object, if it was removed from the repo while
 *     prune was off
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

  /**
   * Returns whether the database stores {@code before} and this state identically, so that no write
   * is needed.
   */
  boolean needsNoWrite(ObjectState before) {
    return fingerprint.equals(before.fingerprint)
        && keptFrom.equals(before.keptFrom)
        && conditions.hasSameContent(before.conditions);
  }
}
