package io.dropserver.reconciler;

import io.dropserver.reconciler.plan.Desired;
import io.dropserver.reconciler.plan.ObjectKey;
import io.dropserver.reconciler.source.ConfigSource.Snapshot;
import io.dropserver.reconciler.source.SourceException;
import io.dropserver.reconciler.status.ObjectState;
import io.dropserver.reconciler.status.ObjectStates;
import io.dropserver.schema.instance.Instance;
import io.dropserver.schema.instance.Kind;
import io.dropserver.schema.instance.SourceTree;
import io.dropserver.schema.instance.SourceTree.TreeEntry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Decides whether a valid revision removes objects in a way that is more likely an accident than an
 * intention: it declares no appspace, or a file that declared objects is empty now.
 */
record EmptiedRevision(ObjectStates states) {
  /** A removal of all appspaces needs confirmation if at least this many are in service. */
  private static final int CONFIRM_EMPTYING_FROM = 2;

  /** A larger file is not read, because it has content. */
  private static final int MAX_BLANK_BYTES = 4096;

  /**
   * Returns why the revision is refused; empty if it may be served.
   *
   * @throws SourceException when a file cannot be read
   */
  Optional<String> message(Snapshot snapshot, Instance instance) {
    if (!instance.settings().reconcile().prune()) {
      return Optional.empty();
    }
    return withoutAppspaces(instance)
        .or(() -> emptiedFile(snapshot.tree(), instance))
        .map(
            text ->
                "%s; if this is intended, run `dropserver sync --accept %s`"
                    .formatted(text, snapshot.revision().id()));
  }

  private Optional<String> withoutAppspaces(Instance instance) {
    if (!instance.appspaces().isEmpty()) {
      return Optional.empty();
    }
    long served = states.keys().stream().filter(key -> key.kind() == Kind.APPSPACE).count();
    return served < CONFIRM_EMPTYING_FROM
        ? Optional.empty()
        : Optional.of("it declares no appspaces, and %d are in service".formatted(served));
  }

  private Optional<String> emptiedFile(SourceTree tree, Instance instance) {
    Map<String, ObjectKey> removed = removedByFile(instance);
    if (removed.isEmpty()) {
      return Optional.empty();
    }
    return tree.entries().stream()
        .filter(entry -> removed.containsKey(entry.path()) && isBlank(tree, entry))
        .findFirst()
        .map(
            entry ->
                "%s:1:1: the file is empty, and it declared %s, which is in service; restore its content, or delete the file to remove the object"
                    .formatted(entry.path(), removed.get(entry.path())));
  }

  /** Returns the objects in service that the revision does not declare, by their last file. */
  private Map<String, ObjectKey> removedByFile(Instance instance) {
    Desired declared = new Desired(instance, version -> Optional.empty());
    Map<String, ObjectKey> removed = new TreeMap<>();
    for (ObjectState state : states.sorted()) {
      if (state.keptFrom().isEmpty() && declared.find(state.key()).isEmpty()) {
        removed.putIfAbsent(state.source().replaceFirst(":\\d+:\\d+$", ""), state.key());
      }
    }
    return removed;
  }

  private static boolean isBlank(SourceTree tree, TreeEntry entry) {
    if (entry.sizeBytes() > MAX_BLANK_BYTES) {
      return false;
    }
    try {
      return new String(tree.read(entry), StandardCharsets.UTF_8).isBlank();
    } catch (IOException e) {
      throw new SourceException(entry.path() + " cannot be read: " + e.getMessage(), e);
    }
  }
}
