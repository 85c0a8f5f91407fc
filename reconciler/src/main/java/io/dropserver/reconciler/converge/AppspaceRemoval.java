package io.dropserver.reconciler.converge;

import io.dropserver.reconciler.converge.AppspaceRemovalListener.LastDeclared;
import io.dropserver.reconciler.plan.ObjectKey;
import io.dropserver.reconciler.status.ObjectState;
import io.dropserver.reconciler.status.ObjectStates;
import io.dropserver.schema.instance.Appspace;
import io.dropserver.schema.instance.Appspace.DeletionPolicy;
import io.dropserver.schema.instance.Kind;
import io.dropserver.schema.instance.Quantity;
import io.dropserver.state.DataFolder;
import io.dropserver.state.DataFolder.Writer;
import io.dropserver.state.DataFolders;
import io.dropserver.state.condition.ConditionType;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Retains the data of removed appspaces and decides which data is deleted after a last backup.
 * Deletion needs {@code delete-after-backup} both in the last applied state and, if this process
 * has read a declaration of the appspace, in the last one. Thread-safe.
 */
final class AppspaceRemoval {
  private static final String DELETE_AFTER_BACKUP = "delete-after-backup";

  private final DataFolders data;
  private final ObjectStates states;
  private final AppspaceRemovalListener appspaceRemovalListener;
  private final Clock clock;

  /**
   * The deletion policy in each appspace's last declaration that this process has read, whether it
   * was applied or not.
   */
  private final Map<String, DeletionPolicy> lastPolicies = new ConcurrentHashMap<>();

  AppspaceRemoval(
      DataFolders data,
      ObjectStates states,
      AppspaceRemovalListener appspaceRemovalListener,
      Clock clock) {
    this.data = data;
    this.states = states;
    this.appspaceRemovalListener = appspaceRemovalListener;
    this.clock = clock;
  }

  /** What becomes of the data of a removed appspace. */
  enum RemovedData {
    /** The appspace never stored data. */
    NONE,
    RETAINED,
    /** The data is deleted after a last backup. */
    DELETED
  }

  void recordDeclared(Target target) {
    for (Appspace each : target.instance().appspaces().values()) {
      lastPolicies.put(each.name(), each.deletion());
    }
  }

  /**
   * Retains the data of an appspace. Idempotent.
   *
   * @return what becomes of the data
   */
  RemovedData retain(String appspace) {
    Optional<DataFolder> own = data.live(appspace);
    if (own.isEmpty() || !data.hasDataOnDisk(appspace)) {
      data.retain(appspace, clock.instant());
      return RemovedData.NONE;
    }
    Optional<LastDeclared> last =
        isToBeDeleted(appspace) ? Optional.of(lastDeclared(own.get())) : Optional.empty();
    Instant at = Instant.ofEpochMilli(clock.millis());
    appspaceRemovalListener.beforeRetention(own.get(), at, last);
    data.retain(appspace, at);
    lastPolicies.remove(appspace);
    appspaceRemovalListener.afterRetention(own.get().id());
    return last.isPresent() ? RemovedData.DELETED : RemovedData.RETAINED;
  }

  private boolean isToBeDeleted(String appspace) {
    return lastPolicies.getOrDefault(appspace, DeletionPolicy.DELETE_AFTER_BACKUP)
            == DeletionPolicy.DELETE_AFTER_BACKUP
        && DELETE_AFTER_BACKUP.equals(states.fields(ObjectKey.appspace(appspace)).get("deletion"));
  }

  private LastDeclared lastDeclared(DataFolder folder) {
    ObjectKey key = ObjectKey.appspace(folder.appspace());
    SortedMap<String, String> fields = states.fields(key);
    TreeMap<String, List<String>> users = new TreeMap<>();
    fields.forEach(
        (path, text) -> {
          if (path.startsWith("members[") && path.endsWith("]")) {
            users.put(
                path.substring("members[".length(), path.length() - 1),
                text.isEmpty() ? List.of() : List.of(text.split(", ", -1)));
          }
        });
    String revision = revision(key);
    return new LastDeclared(
        source(folder, revision),
        users,
        revision,
        Quantity.bytes(fields.getOrDefault("limits.storage", "")).orElse(Long.MAX_VALUE / 8));
  }

  private String revision(ObjectKey key) {
    return states
        .find(key)
        .map(ObjectState::conditions)
        .flatMap(conditions -> conditions.find(ConditionType.READY))
        .flatMap(ready -> ready.observedRevision())
        .orElse("");
  }

  /**
   * Returns the source of the app version that wrote the data. If the app was removed together with
   * its appspace, refers to the last revision that declared it.
   */
  private String source(DataFolder folder, String revision) {
    String version = folder.writer().map(Writer::version).orElse("");
    return Optional.ofNullable(
            states
                .fields(new ObjectKey(Kind.APP, folder.app()))
                .get("versions[" + version + "].source"))
        .orElse("as declared at " + revision);
  }
}
