package io.dropserver.state;

import io.dropserver.base.concurrent.HeldLock;
import io.dropserver.state.DataFolder.Writer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Manages the data folders of appspaces: assigns, creates, renames, retains, adopts and discards
 * them. Every change is one transaction followed by an update of the descriptor on disk. The next
 * start completes a change that a crash interrupted in between. A folder is created on first use,
 * so that thousands of appspaces can be declared in one transaction. Thread-safe.
 */
public final class DataFolders {
  private final StateFolder state;
  private final UidAllocator uidAllocator;
  private final Clock clock;
  private final DataFiles files;

  private final DataFolderIndex index;
  private final DataClaims claims;

  /** Serializes changes of assignment, so that each folder is assigned only once. */
  private final ReentrantLock assignmentLock = new ReentrantLock();

  /**
   * Reads the database and the names of the folders, and repairs the effects of a crash or of a
   * lost database. {@link #repairDescriptors} must follow.
   *
   * @param ownFolders whether folders are chowned to their uid, which needs root
   * @throws StateException if a folder or the database cannot be read
   */
  public static DataFolders open(
      StateFolder state,
      StateDatabase database,
      UidAllocator uidAllocator,
      Clock clock,
      boolean ownFolders) {
    DataFolders folders = new DataFolders(state, database, uidAllocator, clock, ownFolders);
    try {
      new DataFolderRepair(state, folders.index, folders.files, uidAllocator, clock).run();
    } catch (IOException e) {
      throw new StateException("the data folders in " + state.data() + " cannot be read: " + e, e);
    }
    return folders;
  }

  private DataFolders(
      StateFolder state,
      StateDatabase database,
      UidAllocator uidAllocator,
      Clock clock,
      boolean ownFolders) {
    this.state = state;
    this.uidAllocator = uidAllocator;
    this.clock = clock;
    this.files = new DataFiles(state, ownFolders);
    this.index = new DataFolderIndex(state, database, files);
    this.claims = new DataClaims(state, index, uidAllocator, clock, assignmentLock);
  }

  /**
   * Writes the descriptors again that differ from the database, because a crash occurred between a
   * transaction and the update of the descriptor. Reads a file of each folder, so a server that
   * starts does this after it serves.
   *
   * @throws StateException if descriptors cannot be written, after the others were
   */
  public void repairDescriptors() {
    List<String> failures = new ArrayList<>();
    for (DataFolder listed : List.copyOf(index.all())) {
      try (var _ = new HeldLock(assignmentLock)) {
        DataFolder data = index.find(listed.id());
        if (data != null && files.exists(data) && !files.matchesDatabase(data)) {
          files.create(List.of(data));
        }
      } catch (IOException e) {
        failures.add(listed.id() + ": " + e);
      }
    }
    if (!failures.isEmpty()) {
      throw new StateException(
          "%d descriptors of data in %s are not repaired, such as that of %s"
              .formatted(failures.size(), state.data(), failures.getFirst()));
    }
  }

  public Optional<DataFolder> live(String appspace) {
    return index.live(appspace);
  }

  /** Returns the appspaces that have data. */
  public Set<String> liveAppspaces() {
    return Set.copyOf(index.live().keySet());
  }

  /** Finds data by id, live or retained. Returns empty if it was deleted. */
  public Optional<DataFolder> find(String id) {
    return Optional.ofNullable(index.find(id));
  }

  /** Returns whether any data exists, live or retained. */
  public boolean hasAny() {
    return !index.all().isEmpty();
  }

  /** Returns retained data, newest first. */
  public List<DataFolder> retained() {
    return index.retained();
  }

  /** Returns the path of its files, which does not exist before the first {@link #createFolder}. */
  public Path files(DataFolder data) {
    return data.files(state);
  }

  /**
   * Creates the folder of an appspace on first use. Idempotent; durable when the call returns.
   *
   * @throws StateException if the appspace has no data, or its folder cannot be created
   */
  public void createFolder(String appspace) {
    try (var _ = new HeldLock(assignmentLock)) {
      DataFolder data = index.live().get(appspace);
      if (data == null) {
        throw new StateException("appspace " + appspace + " has no data folder");
      }
      if (!files.isComplete(data)) {
        files.create(List.of(data));
      }
    } catch (IOException e) {
      throw new StateException(
          "the data folder of " + appspace + " in " + state.data() + " cannot be created: " + e, e);
    }
  }

  /**
   * Assigns data to an appspace: its own, or that of the appspace that it was renamed from, or
   * matching retained data, or a new folder. An appspace does not start empty while data of the
   * same app and owner waits, unless a person decided so.
   *
   * @param wanted called last, under the lock, so that an appspace that was removed meanwhile gets
   *     no data
   * @param waits whether data under the name of an appspace waits for a decision, because no
   *     declared appspace uses it
   */
  public ClaimOutcome claim(DataClaim dataClaim, BooleanSupplier wanted, Predicate<String> waits) {
    return claims.claim(dataClaim, wanted, waits);
  }

  /** Returns whether the appspace has data on disk, because it has run or data was moved to it. */
  public boolean hasDataOnDisk(String appspace) {
    DataFolder own = index.live().get(appspace);
    return own != null && files.exists(own);
  }

  /** Records the version as the writer of the appspace's data. Idempotent. */
  public void recordWriter(String appspace, Writer version) {
    try (var _ = new HeldLock(assignmentLock)) {
      DataFolder own = index.live().get(appspace);
      if (own != null && !own.writer().equals(Optional.of(version))) {
        index.apply(List.of(own.withWriter(version)));
      }
    }
  }

  /**
   * Returns the content ids of the app versions that wrote any data, including retained data, which
   * may be adopted again.
   */
  public Set<String> contentIds() {
    return index.all().stream()
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
    try (var _ = new HeldLock(assignmentLock)) {
      index.apply(displaced(index.live(appspace), at.truncatedTo(ChronoUnit.MILLIS)));
    }
  }

  /**
   * Assigns retained data to an appspace on behalf of an administrator. If the appspace has data on
   * disk, that data is retained.
   *
   * @throws StateException if there is no such retained data
   */
  public void adopt(String id, String appspace, String app, String owner) {
    try (var _ = new HeldLock(assignmentLock)) {
      DataFolder data = requireRetained(id);
      Instant now = Instant.ofEpochMilli(clock.millis());
      List<DataFolder> changed = new ArrayList<>(displaced(index.live(appspace), now));
      // The data may come from a different appspace. A new identity separates the browser storage
      // of the two.
      boolean same = data.appspace().equals(appspace) && data.owner().equals(owner);
      DataFolder given = data.assignedTo(appspace, app, owner);
      changed.add(same ? given : given.withNewIdentity());
      index.apply(changed);
    }
  }

  /**
   * A folder for data that will replace an appspace's data, or become that of a new appspace.
   *
   * @param files created by the caller; its content is unassigned until {@link #replace}
   */
  public record IncomingData(String id, int uid, Path files) {}

  /**
   * Creates a folder for incoming data. If it is not used, {@link #discardIncoming} or the next
   * start removes it.
   *
   * @throws StateException if it cannot be created
   */
  public IncomingData createIncoming() {
    try (var _ = new HeldLock(assignmentLock)) {
      int uid = uidAllocator.requireInRange(uidAllocator.first());
      uidAllocator.advanceTo(uid + 1);
      String id = UUID.randomUUID().toString();
      return new IncomingData(id, uid, files.createIncoming(id).resolve("files"));
    } catch (IOException e) {
      throw new StateException(
          "a folder for incoming data in " + state.data() + " cannot be created: " + e, e);
    }
  }

  /**
   * Changes the owner of the incoming data to its uid and makes it durable. This is the slow part
   * of a replacement.
   */
  public void prepareIncoming(IncomingData incomingData) {
    try {
      files.changeOwner(incomingData.files(), incomingData.uid());
      Files.setPosixFilePermissions(
          incomingData.files(),
          java.nio.file.attribute.PosixFilePermissions.fromString("rwx------"));
      AtomicFiles.syncFileSystem(state.data());
    } catch (IOException e) {
      throw new StateException("the owner of incoming data cannot be changed: " + e, e);
    }
  }

  /**
   * Assigns the incoming data to the appspace and retains its previous data, in one transaction.
   * The appspace must not run meanwhile.
   *
   * @param writer the app version that wrote the data, if known
   * @param live whether the appspace is declared; otherwise the incoming data becomes retained data
   */
  public DataFolder replace(
      IncomingData incomingData,
      String appspace,
      String app,
      String owner,
      Optional<Writer> writer,
      boolean live) {
    try (var _ = new HeldLock(assignmentLock)) {
      Instant now = Instant.ofEpochMilli(clock.millis());
      Optional<DataFolder> own = live ? index.live(appspace) : Optional.empty();
      List<DataFolder> changed = new ArrayList<>(displaced(own, now));
      DataFolder fresh =
          new DataFolder(
              incomingData.id(),
              own.map(DataFolder::identity).orElse(incomingData.id()),
              appspace,
              app,
              owner,
              incomingData.uid(),
              now,
              writer,
              live ? Optional.empty() : Optional.of(now));
      changed.add(fresh);
      index.write(changed);
      files.installIncoming(incomingData.id());
      changed.forEach(index::update);
      files.create(changed);
      return fresh;
    } catch (IOException e) {
      throw new StateException(
          "the data of " + appspace + " cannot be replaced: " + e + "; restart the server", e);
    }
  }

  /** Deletes incoming data that is not used. */
  public void discardIncoming(IncomingData incomingData) {
    try {
      Path folder = incomingData.files().getParent();
      if (folder != null) {
        AtomicFiles.deleteTree(folder);
      }
    } catch (IOException e) {
      throw new StateException("incoming data cannot be removed: " + e, e);
    }
  }

  /**
   * Deletes retained data permanently.
   *
   * @throws StateException if there is no such data, or it cannot be deleted
   */
  public void discard(String id) {
    try (var _ = new HeldLock(assignmentLock)) {
      DataFolder data = requireRetained(id);
      Path trash = files.moveToTrash(data);
      index.delete(data);
      AtomicFiles.deleteTree(trash);
    } catch (IOException e) {
      throw new StateException("retained data " + id + " cannot be deleted: " + e, e);
    }
  }

  /**
   * Deletes data permanently if it has been retained since exactly that instant.
   *
   * @return whether it was deleted; otherwise the data was adopted meanwhile and is unchanged
   * @throws StateException if it cannot be deleted
   */
  public boolean discard(String id, Instant since) {
    try (var _ = new HeldLock(assignmentLock)) {
      boolean meant = find(id).flatMap(DataFolder::retainedAt).equals(Optional.of(since));
      if (meant) {
        discard(id);
      }
      return meant;
    }
  }

  /** Returns data that an appspace loses as retained data. Data without files is deleted. */
  private List<DataFolder> displaced(Optional<DataFolder> own, Instant at) {
    if (own.isEmpty() || files.exists(own.get())) {
      return own.stream().map(data -> data.retained(at)).toList();
    }
    index.delete(own.get());
    return List.of();
  }

  private DataFolder requireRetained(String id) {
    DataFolder data = index.find(id);
    if (data == null || data.live()) {
      throw new StateException(
          "there is no retained data \"" + id + "\"; `dropserver data list` lists retained data");
    }
    return data;
  }
}
