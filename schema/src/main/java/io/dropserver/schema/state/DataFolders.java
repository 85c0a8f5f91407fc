package io.dropserver.schema.state;

import static io.dropserver.schema.state.tables.Tables.APPSPACE_DATA;

import io.dropserver.schema.state.DataFolder.Writer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Data folders of appspaces: assigns, creates, renames, retains, adopts and discards them. Every
 * change is one transaction followed by an update of the descriptor on disk. The next start
 * completes a change that a crash interrupted in between. A folder is created on first use, so that
 * thousands of appspaces can be declared in one transaction. Thread-safe.
 */
public final class DataFolders {
  private static final Logger LOG = LoggerFactory.getLogger(DataFolders.class);

  private final StateFolder state;
  private final StateDatabase database;
  private final Uids uids;
  private final Clock clock;
  private final DataFiles files;

  /** All data folders by id, as in the database. */
  private final Map<String, DataFolder> all = new ConcurrentHashMap<>();

  /** Live data folders by appspace. */
  private final Map<String, DataFolder> live = new ConcurrentHashMap<>();

  /** Serializes changes of assignment, so that each folder is assigned only once. */
  private final ReentrantLock changing = new ReentrantLock();

  private final GroupCommit<Request, Outcome> requests = new GroupCommit<>(this::handle);

  private record Request(Claim claim, BooleanSupplier wanted) {}

  /**
   * A request for data.
   *
   * @param renamedFrom the appspace whose data is taken over
   * @param writer the app version for which a new folder is created
   */
  public record Claim(
      String appspace,
      String app,
      String owner,
      Optional<String> renamedFrom,
      Optional<Writer> writer) {}

  /** The outcome of a claim. */
  public sealed interface Outcome {}

  public record Ready(DataFolder data, How how) implements Outcome {}

  /** How the appspace obtained the data. */
  public enum How {
    KEPT,
    CREATED,
    ADOPTED,
    RENAMED
  }

  /** Retained data of this name exists, but belongs to another app or owner. */
  public record Withheld(DataFolder data) implements Outcome {}

  /** The appspace is no longer wanted; nothing was created. */
  public record Unwanted() implements Outcome {}

  /**
   * Reads the database and the folders, and repairs what a crash or a lost database left behind.
   *
   * @param ownFolders whether folders are chowned to their uid, which needs root
   * @throws StateException if a folder or the database cannot be read
   */
  public static DataFolders open(
      StateFolder state, StateDatabase database, Uids uids, Clock clock, boolean ownFolders) {
    DataFolders folders = new DataFolders(state, database, uids, clock, ownFolders);
    try {
      folders.load();
      folders.mend();
    } catch (IOException e) {
      throw new StateException("the data folders in " + state.data() + " cannot be read: " + e, e);
    }
    return folders;
  }

  private DataFolders(
      StateFolder state, StateDatabase database, Uids uids, Clock clock, boolean ownFolders) {
    this.state = state;
    this.database = database;
    this.uids = uids;
    this.clock = clock;
    this.files = new DataFiles(state, ownFolders);
  }

  public Optional<DataFolder> live(String appspace) {
    return Optional.ofNullable(live.get(appspace));
  }

  /** Returns the appspaces that have data. */
  public Set<String> liveAppspaces() {
    return Set.copyOf(live.keySet());
  }

  /** Finds data by id, live or retained. Returns empty if it was deleted. */
  public Optional<DataFolder> find(String id) {
    return Optional.ofNullable(all.get(id));
  }

  /** Returns whether any data exists, live or retained. */
  public boolean hasAny() {
    return !all.isEmpty();
  }

  /** Returns retained data, newest first. */
  public List<DataFolder> retained() {
    return all.values().stream()
        .filter(data -> !data.live())
        .sorted(
            Comparator.comparing((DataFolder data) -> data.retainedAt().orElseThrow())
                .reversed()
                .thenComparing(DataFolder::id))
        .toList();
  }

  /** Returns the path of its files, which does not exist before the first {@link #make}. */
  public Path files(DataFolder data) {
    return data.files(state);
  }

  /**
   * Creates the folder of an appspace on first use. Idempotent; durable when the call returns.
   *
   * @throws StateException if the appspace has no data, or its folder cannot be created
   */
  public void make(String appspace) {
    changing.lock();
    try {
      DataFolder data = live.get(appspace);
      if (data == null) {
        throw new StateException("appspace " + appspace + " has no data folder");
      }
      if (!files.isMade(data)) {
        files.make(List.of(data));
      }
    } catch (IOException e) {
      throw new StateException(
          "the data folder of " + appspace + " in " + state.data() + " cannot be made: " + e, e);
    } finally {
      changing.unlock();
    }
  }

  /**
   * Assigns data to an appspace: its own, or that of the appspace that it was renamed from, or
   * matching retained data, or a new folder.
   *
   * @param wanted called last, under the lock, so that an appspace that was removed meanwhile gets
   *     no data
   */
  public Outcome claim(Claim claim, BooleanSupplier wanted) {
    DataFolder own = live.get(claim.appspace());
    if (own != null && own.app().equals(claim.app()) && own.owner().equals(claim.owner())) {
      return new Ready(own, How.KEPT);
    }
    return requests.submit(new Request(claim, wanted));
  }

  /** Returns whether the appspace has data on disk, because it has run or data was moved to it. */
  public boolean isUsed(String appspace) {
    DataFolder own = live.get(appspace);
    return own != null && files.exists(own);
  }

  /** Records the version as the writer of the appspace's data. Idempotent. */
  public void writtenBy(String appspace, Writer version) {
    changing.lock();
    try {
      DataFolder own = live.get(appspace);
      if (own != null && !own.writer().equals(Optional.of(version))) {
        change(List.of(own.writtenBy(version)));
      }
    } finally {
      changing.unlock();
    }
  }

  /**
   * Returns the content ids of the app versions that wrote any data, including retained data, which
   * may be adopted again.
   */
  public Set<String> contents() {
    return all.values().stream()
        .flatMap(data -> data.writer().map(Writer::contentId).stream())
        .collect(Collectors.toSet());
  }

  /**
   * Retains the data of an appspace that was removed from the repository. If the appspace was never
   * used, there is no data to retain. Idempotent.
   *
   * @param at the time from which the data is retained
   */
  public void retain(String appspace, Instant at) {
    changing.lock();
    try {
      DataFolder own = live.get(appspace);
      if (own != null && files.exists(own)) {
        change(List.of(own.retained(at.truncatedTo(ChronoUnit.MILLIS))));
      } else if (own != null) {
        forget(own);
      }
    } finally {
      changing.unlock();
    }
  }

  /**
   * Assigns retained data to an appspace on behalf of an administrator.
   *
   * @throws StateException if there is no such data, or the appspace has data of its own that is
   *     not empty
   */
  public void adopt(String id, String appspace, String app, String owner) {
    changing.lock();
    try {
      DataFolder data = retainedWith(id);
      DataFolder own = live.get(appspace);
      List<DataFolder> changed = new ArrayList<>();
      if (own != null) {
        // The data that the appspace has written so far is not deleted but retained.
        if (files.exists(own)) {
          changed.add(own.retained(Instant.ofEpochMilli(clock.millis())));
        } else {
          forget(own);
        }
      }
      // The data may come from a different appspace. A new identity keeps what that one stored in
      // browsers away from this one.
      boolean same = data.appspace().equals(appspace) && data.owner().equals(owner);
      DataFolder given = data.of(appspace, app, owner);
      changed.add(same ? given : given.withNewIdentity());
      change(changed);
    } finally {
      changing.unlock();
    }
  }

  /**
   * A folder for data that will replace an appspace's data, or become that of a new appspace.
   *
   * @param files does not exist yet; what is written there is unassigned until {@link #replace}
   */
  public record Incoming(String id, int uid, Path files) {}

  /**
   * Creates a folder for incoming data. If it is not used, {@link #abandon} or the next start
   * removes it.
   *
   * @throws StateException if it cannot be created
   */
  public Incoming incoming() {
    changing.lock();
    try {
      int uid = uids.checked(uids.first());
      uids.raise(uid + 1);
      String id = UUID.randomUUID().toString();
      return new Incoming(id, uid, files.makeRoom(id).resolve("files"));
    } catch (IOException e) {
      throw new StateException("no room can be made in " + state.data() + ": " + e, e);
    } finally {
      changing.unlock();
    }
  }

  /**
   * Changes the owner of the incoming data to its uid and makes it durable. This is the slow part
   * of a replacement.
   */
  public void settle(Incoming incoming) {
    try {
      files.own(incoming.files(), incoming.uid());
      Files.setPosixFilePermissions(
          incoming.files(), java.nio.file.attribute.PosixFilePermissions.fromString("rwx------"));
      AtomicFiles.syncFileSystem(state.data());
    } catch (IOException e) {
      throw new StateException("what came cannot be given to its user: " + e, e);
    }
  }

  /**
   * Assigns the incoming data to the appspace and retains its previous data, in one transaction.
   * The appspace must not run meanwhile.
   *
   * @param writer the app version that wrote the data, if known
   * @param live whether the appspace is in the repository; otherwise the data is retained until it
   *     is
   */
  public DataFolder replace(
      Incoming incoming,
      String appspace,
      String app,
      String owner,
      Optional<Writer> writer,
      boolean live) {
    changing.lock();
    try {
      Instant now = Instant.ofEpochMilli(clock.millis());
      List<DataFolder> changed = new ArrayList<>();
      DataFolder own = this.live.get(appspace);
      if (own != null && live && files.exists(own)) {
        changed.add(own.retained(now));
      } else if (own != null && live) {
        forget(own);
      }
      DataFolder fresh =
          new DataFolder(
              incoming.id(),
              own != null && live ? own.identity() : incoming.id(),
              appspace,
              app,
              owner,
              incoming.uid(),
              now,
              writer,
              live ? Optional.empty() : Optional.of(now));
      changed.add(fresh);
      database.write(on -> DataRows.write(on, changed));
      files.bringIn(incoming.id());
      changed.forEach(this::remember);
      files.make(changed);
      return fresh;
    } catch (IOException e) {
      throw new StateException(
          "the data of " + appspace + " cannot be replaced: " + e + "; start the server anew", e);
    } finally {
      changing.unlock();
    }
  }

  /** Deletes incoming data that is not used. */
  public void abandon(Incoming incoming) {
    try {
      Path folder = incoming.files().getParent();
      if (folder != null) {
        AtomicFiles.deleteTree(folder);
      }
    } catch (IOException e) {
      throw new StateException("what came cannot be removed: " + e, e);
    }
  }

  /**
   * Deletes retained data permanently.
   *
   * @throws StateException if there is no such data, or it cannot be deleted
   */
  public void discard(String id) {
    changing.lock();
    try {
      DataFolder data = retainedWith(id);
      Path doomed = files.takeAway(data);
      forget(data);
      AtomicFiles.deleteTree(doomed);
    } catch (IOException e) {
      throw new StateException("retained data " + id + " cannot be deleted: " + e, e);
    } finally {
      changing.unlock();
    }
  }

  /**
   * Deletes data permanently if it has been retained since exactly that instant.
   *
   * @return whether it was deleted; otherwise the data was adopted meanwhile and is unchanged
   * @throws StateException if it cannot be deleted
   */
  public boolean discard(String id, Instant since) {
    changing.lock();
    try {
      boolean meant = find(id).flatMap(DataFolder::retainedAt).equals(Optional.of(since));
      if (meant) {
        discard(id);
      }
      return meant;
    } finally {
      changing.unlock();
    }
  }

  private DataFolder retainedWith(String id) {
    DataFolder data = all.get(id);
    if (data == null || data.live()) {
      throw new StateException(
          "there is no retained data \"" + id + "\"; `dropserver data list` shows what there is");
    }
    return data;
  }

  /** Decides a batch of claims and applies the changes together. */
  private List<Outcome> handle(List<Request> batch) {
    changing.lock();
    try {
      ClaimBatch claims =
          new ClaimBatch(live, retained(), uids, Instant.ofEpochMilli(clock.millis()));
      List<Outcome> outcomes = new ArrayList<>();
      for (Request request : batch) {
        outcomes.add(
            request.wanted().getAsBoolean() ? claims.decide(request.claim()) : new Unwanted());
      }
      uids.raise(claims.nextUid());
      change(List.copyOf(claims.given()));
      return outcomes;
    } catch (IOException e) {
      throw new StateException("data folders in " + state.data() + " cannot be made: " + e, e);
    } finally {
      changing.unlock();
    }
  }

  /**
   * Commits the transaction first. If a crash follows, the next start updates the descriptors from
   * it.
   */
  private void change(List<DataFolder> changed) {
    if (changed.isEmpty()) {
      return;
    }
    database.write(on -> DataRows.write(on, changed));
    changed.forEach(this::remember);
    try {
      files.make(changed.stream().filter(files::exists).toList());
    } catch (IOException e) {
      throw new StateException("data folders in " + state.data() + " cannot be made: " + e, e);
    }
  }

  private void remember(DataFolder data) {
    DataFolder before = all.put(data.id(), data);
    if (before != null && before.live()) {
      live.remove(before.appspace(), before);
    }
    if (data.live()) {
      live.put(data.appspace(), data);
    }
  }

  private void load() {
    database.read(DataRows::all).forEach(this::remember);
  }

  /**
   * Adopts folders that have no row in the database, and forgets retained data that has no folder.
   */
  private void mend() throws IOException {
    mendIncoming();
    List<DataFolder> found = new ArrayList<>();
    Map<String, DataFolder> missing = new HashMap<>(all);
    try (var folders = Files.newDirectoryStream(state.data())) {
      for (Path folder : folders) {
        String id = folder.getFileName().toString();
        if (DataFiles.isTakenAway(id)) {
          AtomicFiles.deleteTree(folder);
        } else if (missing.remove(id) == null && Files.isDirectory(folder)) {
          adoptFolder(folder).ifPresent(found::add);
        }
      }
    }
    uids.raise(all.values().stream().mapToInt(data -> data.uid() + 1).max().orElse(0));
    uids.raise(found.stream().mapToInt(data -> data.uid() + 1).max().orElse(0));
    if (!found.isEmpty()) {
      LOG.info("{} data folders adopted that the database did not know", found.size());
    }
    change(found);
    missing.values().stream().filter(data -> !data.live()).toList().forEach(this::forget);
    // A crash occurred between the transaction and the update of the descriptor.
    files.make(
        all.values().stream().filter(data -> files.exists(data) && !files.upToDate(data)).toList());
  }

  /**
   * Completes interrupted replacements: moves data that has a row into place and deletes the rest.
   */
  private void mendIncoming() throws IOException {
    try (var folders = Files.newDirectoryStream(state.data())) {
      for (Path folder : folders) {
        Optional<String> id = DataFiles.incoming(folder.getFileName().toString());
        if (id.isPresent() && all.containsKey(id.get())) {
          files.bringIn(id.get());
        } else if (id.isPresent()) {
          AtomicFiles.deleteTree(folder);
        }
      }
    }
  }

  private Optional<DataFolder> adoptFolder(Path folder) throws IOException {
    Optional<DataFolder> data = DataDescriptor.read(folder);
    if (data.isEmpty()) {
      LOG.warn("{} has no {} and belongs to nobody; left alone", folder, DataDescriptor.FILE);
      return data;
    }
    boolean nameTaken = data.get().live() && live.containsKey(data.get().appspace());
    return nameTaken ? data.map(d -> d.retained(Instant.ofEpochMilli(clock.millis()))) : data;
  }

  private void forget(DataFolder data) {
    database.write(
        on -> on.deleteFrom(APPSPACE_DATA).where(APPSPACE_DATA.ID.eq(data.id())).execute());
    all.remove(data.id());
    live.remove(data.appspace(), data);
  }
}
