package io.dropserver.reconciler.converge;

import io.dropserver.schema.instance.DropappManifest;
import io.dropserver.schema.instance.VersionOrder;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** How data must be converted when another version of its app takes it over. */
public enum VersionChange {
  /** No conversion: both versions read the same data. */
  SWITCH,

  /** The new version's program migrates the data forward. */
  FORWARD,

  /** The old version's program migrates the data back. */
  BACK,

  /** No conversion is possible. The new version can only use data from an earlier backup. */
  RESTORE;

  /**
   * @param from manifest of the version that wrote the data; empty if that manifest is lost
   * @param fromVersion number of the version that wrote the data
   */
  public static VersionChange between(
      Optional<DropappManifest> from, String fromVersion, DropappManifest to) {
    Optional<Integer> before =
        from.flatMap(dropappManifest -> dropappManifest.dataSchema().number());
    Optional<Integer> after = to.dataSchema().number();
    boolean named = before.isPresent() && after.isPresent();
    int order =
        named
            ? Integer.compare(after.get(), before.get())
            : VersionOrder.compare(to.version(), fromVersion);
    if (order == 0) {
      return SWITCH;
    }
    if (order > 0) {
      return to.migrate().isPresent() ? FORWARD : SWITCH;
    }
    boolean mayHaveMigrated =
        named || from.map(dropappManifest -> dropappManifest.migrate().isPresent()).orElse(true);
    if (!mayHaveMigrated) {
      return SWITCH;
    }
    boolean canGoBack =
        named
            && from.get().migrate().isPresent()
            && from.get().dataSchema().down().containsAll(steps(after.get(), before.get()));
    return canGoBack ? BACK : RESTORE;
  }

  private static Set<Integer> steps(int to, int from) {
    return IntStream.rangeClosed(to + 1, from).boxed().collect(Collectors.toSet());
  }
}
