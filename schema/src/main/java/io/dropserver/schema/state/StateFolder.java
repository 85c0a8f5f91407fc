package io.dropserver.schema.state;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Objects;

/**
 * Where everything lies that a server keeps on its machine. The only class that knows the layout:
 *
 * <pre>
 * state.lock            held while a server runs
 * state.db              the database, with its -wal and -shm
 * ballast               blocks that are given back to a full disk for the database
 * secrets.key           what seals the secrets in the database
 * repo.git/             bare copy of the config repo
 * apps/                 installed app versions, by content
 * data/&lt;id&gt;/            one data folder: appspace.json (ours) and files/ (the sandbox's), which
 *                       lies in volume.img where that can be mounted
 * next-uid              no appspace will get a uid below it
 * identity.key          of what users are called in appspaces
 * door.sock             how the egress gateway reaches the front door
 * control.sock          how the command line reaches the server
 * run/                  what sandboxes run on: sockets, their runtime
 * logs/                 what sandboxes wrote
 * recovery.unfinished   there while `dropserver recover` fills the folder
 * certificates/         ordered ones, and the account they were ordered with
 * backups/              the repository, its password, and mirrors of what is backed up
 * </pre>
 */
public record StateFolder(Path root) {

  public StateFolder {
    root = root.toAbsolutePath().normalize();
  }

  public Path database() {
    return root.resolve("state.db");
  }

  /** Made when the first secret is set, for the server's own user alone. */
  public Path secretsKey() {
    return root.resolve("secrets.key");
  }

  public Path repository() {
    return root.resolve("repo.git");
  }

  public Path apps() {
    return root.resolve("apps");
  }

  public Path data() {
    return root.resolve("data");
  }

  public Path nextUid() {
    return root.resolve("next-uid");
  }

  public Path run() {
    return root.resolve("run");
  }

  /** Made when it is first needed, for the server's own user alone. */
  public Path identityKey() {
    return root.resolve("identity.key");
  }

  public Path controlSocket() {
    return root.resolve("control.sock");
  }

  public Path doorSocket() {
    return root.resolve("door.sock");
  }

  public Path logs() {
    return root.resolve("logs");
  }

  /** Made by who orders certificates, for the server's own user alone. */
  public Path certificates() {
    return root.resolve("certificates");
  }

  /** Made by who backs up, for the server's own user alone. */
  public Path backups() {
    return root.resolve("backups");
  }

  /** There while a recovery fills the folder, and when one was cut short. */
  public Path unfinishedRecovery() {
    return root.resolve("recovery.unfinished");
  }

  /** See {@link #lock}. */
  public Path lockFile() {
    return root.resolve("state.lock");
  }

  /**
   * @throws StateException when a recovery into this folder was cut short
   */
  public void requireRecovered() {
    if (Files.exists(unfinishedRecovery())) {
      throw new StateException(
          "a recovery into "
              + root
              + " was cut short; run `dropserver recover` again, it begins anew");
    }
  }

  /**
   * Folders that bubblewrap passes through as an appspace's own uid, on its way to the appspace's
   * data, its app and its sockets. All others are for the server's user alone.
   */
  List<Path> passable() {
    return List.of(root, apps(), data(), run());
  }

  /**
   * Creates the folders that are missing.
   *
   * @throws StateException when they cannot be created
   */
  public void create() {
    try {
      for (Path folder : passable()) {
        createPassable(folder);
        Files.setPosixFilePermissions(folder, StateModes.PASSABLE);
      }
      Files.createDirectories(logs());
    } catch (IOException e) {
      throw new StateException(
          "the state folder " + root + " cannot be made: " + e + "; choose another with --state",
          e);
    }
  }

  /** Sandboxes pass through missing parents too, which the umask would close. */
  private static void createPassable(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      createPassable(Objects.requireNonNull(folder.getParent()));
      Files.createDirectory(folder);
      Files.setPosixFilePermissions(folder, StateModes.PASSABLE);
    }
  }

  /**
   * Makes this process the only server of this folder, until the lock is closed or the process
   * ends, however it ends. Corrects modes that give other users too much.
   *
   * @throws StateException when another server holds it
   */
  public Lock lock() {
    create();
    Path file = lockFile();
    try {
      FileChannel channel =
          FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      FileLock lock = null;
      try {
        lock = channel.tryLock();
      } catch (OverlappingFileLockException e) {
        // Held by this very process: the same answer as for another one.
      }
      if (lock == null) {
        channel.close();
        throw new StateException(
            "another server runs on the state folder "
                + root
                + "; stop it first, or choose another folder with --state");
      }
      new StateModes(this).correct();
      return new Lock(channel);
    } catch (IOException e) {
      throw new StateException("the lock " + file + " cannot be taken: " + e, e);
    }
  }

  /** A held lock of a state folder. */
  public static final class Lock implements AutoCloseable {
    private final FileChannel channel;

    private Lock(FileChannel channel) {
      this.channel = channel;
    }

    @Override
    public void close() {
      try {
        channel.close();
      } catch (IOException e) {
        throw new StateException("the lock of the state folder cannot be released: " + e, e);
      }
    }
  }
}
