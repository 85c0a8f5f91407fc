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
 * Data folders of appspaces: decided on, made, renamed, retained, adopted, discarded. Every change
 * is one transaction and then the descriptor on disk; a change that a crash cut between the two is
 * carried to its end by the next start. A folder is made when it is first used: thousands of
 * appspaces are declared in the time of one transaction. Safe for use by several threads.
 */
public final class DataFolders {
  private static final Logger LOG = LoggerFactory.getLogger(DataFolders.class);

  private final StateFolder state;
  private final StateDatabase database;
  private final Uids uids;
  private final Clock clock;
  private final DataFiles files;

  /** By id, as in the database. */
  private final Map<String, DataFolder> all = new ConcurrentHashMap<>();

  /** The live ones by appspace. */
  private final Map<String, DataFolder> live = new ConcurrentHashMap<>();

  /** Held while a folder changes hands, so that who has which data is decided once. */
  private final ReentrantLock changing = new ReentrantLock();

  private final GroupCommit<Request, Outcome> requests = new GroupCommit<>(this::handle);

  private record Request(Claim claim, BooleanSupplier wanted) {}

  /**
   * Who asks for data.
   *
   * @param renamedFrom whose data it keeps
   * @param writer the version that a new folder is for
   */
  public record Claim(
      String appspace,
      String app,
      String owner,
      Optional<String> renamedFrom,
      Optional<Writer> writer) {}

  /** What became of a claim. */
  public sealed interface Outcome {}

  public record Ready(DataFolder data, How how) implements Outcome {}

  /** How it came to the data. */
  public enum How {
    KEPT,
    CREATED,
    ADOPTED,
    RENAMED
  }

  /** There is retained data of this name which belongs to another app or owner. */
  public record Withheld(DataFolder data) implements Outcome {}

  /** The appspace is no longer wanted; nothing was made. */
  public record Unwanted() implements Outcome {}

  /**
   * Reads the database and the folders, and mends what a crash or a lost database left.
   *
   * @param ownFolders whether folders are given to their uid, which takes root
   * @throws StateException when a folder or the database cannot be read
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

  /** The appspaces that have data. */
  public Set<String> liveAppspaces() {
    return Set.copyOf(live.keySet());
  }

  /** By its id, live or retained; empty where it was deleted. */
  public Optional<DataFolder> find(String id) {
    return Optional.ofNullable(all.get(id));
  }

  /** Whether there is data at all, live or retained. */
  public boolean hasAny() {
    return !all.isEmpty();
  }

  /** The newest first. */
  public List<DataFolder> retained() {
    return all.values().stream()
        .filter(data -> !data.live())
        .sorted(
            Comparator.comparing((DataFolder data) -> data.retainedAt().orElseThrow())
                .reversed()
                .thenComparing(DataFolder::id))
        .toList();
  }

  /** Where its files are, or will be: nothing is there before the first {@link #make}. */
  public Path files(DataFolder data) {
    return data.files(state);
  }

  /**
   * Makes the folder of an appspace that was not used yet. Idempotent; durable when it returns.
   *
   * @throws StateException when the appspace has no data, or its folder cannot be made
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
   * The data of an appspace: its own, else that of the appspace it was renamed from, else retained
   * data that matches, else a new folder.
   *
   * @param wanted asked last, under the lock: an appspace that left meanwhile gets nothing
   */
  public Outcome claim(Claim claim, BooleanSupplier wanted) {
    DataFolder own = live.get(claim.appspace());
    if (own != null && own.app().equals(claim.app()) && own.owner().equals(claim.owner())) {
      return new Ready(own, How.KEPT);
    }
    return requests.submit(new Request(claim, wanted));
  }

  /** Whether the appspace has data on disk: it ran once, or something was brought to it. */
  public boolean isUsed(String appspace) {
    DataFolder own = live.get(appspace);
    return own != null && files.exists(own);
  }

  /** From now on the data of the appspace is that version's. Idempotent. */
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

  /** Contents of app versions that data is of, retained data too: it may come back. */
  public Set<String> contents() {
    return all.values().stream()
        .flatMap(data -> data.writer().map(Writer::contentId).stream())
        .collect(Collectors.toSet());
  }

  /**
   * The appspace left the repo: its data stays, without an appspace; where it was never used there
   * is none. Idempotent.
   *
   * @param at since when it is retained
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
   * A person gives retained data to an appspace.
   *
   * @throws StateException when there is no such data, or the appspace has data of its own that is
   *     not empty
   */
  public void adopt(String id, String appspace, String app, String owner) {
    changing.lock();
    try {
      DataFolder data = retainedWith(id);
      DataFolder own = live.get(appspace);
      List<DataFolder> changed = new ArrayList<>();
      if (own != null) {
        // What it gathered meanwhile is not thrown away either: it is retained in its turn.
        if (files.exists(own)) {
          changed.add(own.retained(Instant.ofEpochMilli(clock.millis())));
        } else {
          forget(own);
        }
      }
      // The earlier appspace may be another one: what it left in browsers is not handed on.
      boolean same = data.appspace().equals(appspace) && data.owner().equals(owner);
      DataFolder given = data.of(appspace, app, owner);
      changed.add(same ? given : given.withNewIdentity());
      change(changed);
    } finally {
      changing.unlock();
    }
  }

  /**
   * Room for data that is to replace an appspace's, or to become that of one that comes.
   *
   * @param files does not exist yet; what is written there is nobody's until {@link #replace}
   */
  public record Incoming(String id, int uid, Path files) {}

  /**
   * Makes room. What is not used is removed by {@link #abandon}, or by the next start.
   *
   * @throws StateException when there is none
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

  /** Gives what has come to its own user and makes it durable: the slow part of replacing. */
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
   * In one transaction the data that came is the appspace's, and what it had is retained. Nothing
   * of the appspace runs meanwhile.
   *
   * @param writer the version that it is of, where that is known
   * @param live whether the appspace is in the repo; else it finds the data when it comes
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

  /** What came is not wanted. */
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
   * Deletes retained data for good.
   *
   * @throws StateException when there is no such data, or it cannot be deleted
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
   * Deletes data for good where it is retained since just that instant.
   *
   * @return whether it was; else it came back meanwhile, and is left alone
   * @throws StateException when it cannot be deleted
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

  /** Decides a batch of claims and carries the changes out together. */
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

  /** The transaction first: the next start makes the descriptors of what is there follow it. */
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

  /** Folders without a row are adopted again; retained data without a folder is forgotten. */
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
    // A crash came between the transaction and the descriptor.
    files.make(
        all.values().stream().filter(data -> files.exists(data) && !files.upToDate(data)).toList());
  }

  /** A replacement that was cut short: what has a row comes in, the rest goes. */
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
