package io.dropserver.schema.state;

import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/**
 * The data of one appspace, live or retained.
 *
 * @param id names the folder and is never used again
 * @param identity of the appspace behind the data: opaque, kept through renames, migrations and
 *     restores
 * @param appspace that has it, or had it
 * @param app name of the App document
 * @param owner name of the user
 * @param uid host user of its sandbox, never used for another
 * @param writer the version that last had it; empty where none has yet, or it is not known
 * @param retainedAt when its appspace left the repo; empty while live
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
   * A version of the app.
   *
   * @param contentId identifies its files
   */
  public record Writer(String version, String contentId) {}

  /** Given to an appspace. Another app is another appspace to browsers. */
  DataFolder of(String newAppspace, String newApp, String newOwner) {
    DataFolder given =
        new DataFolder(
            id, identity, newAppspace, newApp, newOwner, uid, createdAt, writer, Optional.empty());
    return newApp.equals(app) ? given : given.withNewIdentity();
  }

  DataFolder retained(Instant at) {
    return new DataFolder(
        id, identity, appspace, app, owner, uid, createdAt, writer, Optional.of(at));
  }

  DataFolder writtenBy(Writer version) {
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

  /** What the sandbox sees as {@code /data}. */
  public Path files(StateFolder state) {
    return folder(state).resolve("files");
  }

  /** The server's own part, out of the sandbox's reach. */
  Path folder(StateFolder state) {
    return state.data().resolve(id);
  }

  Path descriptor(StateFolder state) {
    return folder(state).resolve(DataDescriptor.FILE);
  }
}
