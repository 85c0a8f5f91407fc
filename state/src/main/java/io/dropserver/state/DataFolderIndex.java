package io.dropserver.state;

import static io.dropserver.state.tables.Tables.APPSPACE_DATA;

import java.io.IOException;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The records of all data folders: in the database, in memory for fast reads, and in the
 * descriptors on disk. Reads are thread-safe. The caller serializes changes.
 */
final class DataFolderIndex {
  private final StateFolder state;
  private final StateDatabase database;
  private final DataFiles files;

  /** All data folders by id, as in the database. */
  private final Map<String, DataFolder> all = new ConcurrentHashMap<>();

  /** Live data folders by appspace. */
  private final Map<String, DataFolder> live = new ConcurrentHashMap<>();

  /** Reads the records from the database. */
  DataFolderIndex(StateFolder state, StateDatabase database, DataFiles files) {
    this.state = state;
    this.database = database;
    this.files = files;
    database.read(DataRows::all).forEach(this::update);
  }

  Collection<DataFolder> all() {
    return all.values();
  }

  @Nullable DataFolder find(String id) {
    return all.get(id);
  }

  Map<String, DataFolder> live() {
    return live;
  }

  Optional<DataFolder> live(String appspace) {
    return Optional.ofNullable(live.get(appspace));
  }

  /** Returns retained data, newest first. */
  List<DataFolder> retained() {
    return all.values().stream()
        .filter(data -> !data.live())
        .sorted(
            Comparator.comparing((DataFolder data) -> data.retainedAt().orElseThrow())
                .reversed()
                .thenComparing(DataFolder::id))
        .toList();
  }

  /**
   * Returns the data on disk of all appspaces that match: first live data, then retained data,
   * newest first.
   */
  List<DataFolder> onDisk(Predicate<String> appspaces) {
    return Stream.concat(live.values().stream(), retained().stream())
        .filter(data -> appspaces.test(data.appspace()))
        .filter(files::exists)
        .toList();
  }

  /**
   * Commits the transaction first. If a crash follows, the next start updates the descriptors from
   * the database.
   */
  void apply(List<DataFolder> changed) {
    if (changed.isEmpty()) {
      return;
    }
    write(changed);
    changed.forEach(this::update);
    try {
      files.create(changed.stream().filter(files::exists).toList());
    } catch (IOException e) {
      throw new StateException("data folders in " + state.data() + " cannot be created: " + e, e);
    }
  }

  /** Writes records to the database only. {@link #update} must follow. */
  void write(List<DataFolder> changed) {
    database.write(on -> DataRows.write(on, changed));
  }

  /** Updates a record in memory. */
  void update(DataFolder data) {
    DataFolder before = all.put(data.id(), data);
    if (before != null && before.live()) {
      live.remove(before.appspace(), before);
    }
    if (data.live()) {
      live.put(data.appspace(), data);
    }
  }

  void delete(DataFolder data) {
    database.write(
        on -> on.deleteFrom(APPSPACE_DATA).where(APPSPACE_DATA.ID.eq(data.id())).execute());
    all.remove(data.id());
    live.remove(data.appspace(), data);
  }
}
