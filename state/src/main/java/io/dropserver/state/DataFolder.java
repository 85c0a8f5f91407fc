package io.dropserver.state;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/**
 * The data of one appspace, live or retained.
 *
 * @param id names the folder and is never reused
 * @param identity opaque id of the appspace behind the data; renames, migrations and restores keep
 *     it
 * @param appspace the appspace that has or had the data
 * @param app name of the App document
 * @param owner name of the user
 * @param uid host uid of its sandbox, never used for other data
 * @param writer the app version that last wrote the data; empty if none has, or if it is unknown
 * @param retainedAt when its appspace was removed from the repository; empty while live
 */
public record DataFolder(
    String id,
    String identity,
    String appspace,
    String app,
    String owner,
    int uid,
    Instant createdAt,
    Optional<Writer> writer,
    Optional<Instant> retainedAt) {

  /**
   * The app version that wrote the data.
   *
   * @param contentId identifies the files of the version
   */
  public record Writer(String version, String contentId) {}

  /**
   * Assigns the data to an appspace. A different app gets a new identity, because browsers must see
   * it as a different appspace.
   */
  DataFolder assignedTo(String newAppspace, String newApp, String newOwner) {
    DataFolder given =
        new DataFolder(
            id, identity, newAppspace, newApp, newOwner, uid, createdAt, writer, Optional.empty());
    return newApp.equals(app) ? given : given.withNewIdentity();
  }

  DataFolder retained(Instant at) {
    return new DataFolder(
        id, identity, appspace, app, owner, uid, createdAt, writer, Optional.of(at));
  }

  DataFolder withWriter(Writer version) {
    return new DataFolder(
        id, identity, appspace, app, owner, uid, createdAt, Optional.of(version), retainedAt);
  }

  DataFolder withNewIdentity() {
    String fresh = UUID.randomUUID().toString();
    return new DataFolder(id, fresh, appspace, app, owner, uid, createdAt, writer, retainedAt);
  }

  boolean live() {
    return retainedAt.isEmpty();
  }

  /**
   * Reads the descriptor of data on disk; empty if the data does not exist or was not completely
   * created.
   *
   * @param folder the folder that contains the descriptor
   * @throws IOException if the descriptor is damaged
   */
  public static Optional<DataFolder> read(Path folder) throws IOException {
    return DataDescriptor.read(folder);
  }

  /** Returns the folder that the sandbox sees as {@code /data}. */
  public Path files(StateFolder state) {
    return folder(state).resolve("files");
  }

  /**
   * Returns the folder that contains the files and the descriptor. The sandbox cannot access it.
   */
  Path folder(StateFolder state) {
    return state.data().resolve(id);
  }

  Path descriptor(StateFolder state) {
    return folder(state).resolve(DataDescriptor.FILE);
  }
}
