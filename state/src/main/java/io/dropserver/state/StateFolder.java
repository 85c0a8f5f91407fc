package io.dropserver.state;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The folder of a server's state on its machine. Only this class knows the layout:
 *
 * <pre>
 * state.lock            locked while a server runs
 * state.db              the database, with its -wal and -shm files
 * ballast               blocks that are released to the database when the disk is full
 * secrets.key           encrypts the secrets in the database
 * repo.git/             bare copy of the config repository
 * apps/                 installed app versions, by content
 * data/&lt;id&gt;/            one data folder: appspace.json (the server's) and files/ (the sandbox's),
 *                       which is inside volume.img where that can be mounted
 * next-uid              uids below this number are never allocated again
 * last-used             the appspaces that were used last, whose starts are expected first
 * identity.key          derives the user ids that appspaces see
 * door.sock             socket of the front door for the egress gateway
 * control.sock          socket of the server for the command line
 * run/                  the sandboxes' sockets and runtime
 * logs/                 output of the sandboxes
 * audit/                the audit log
 * recovery.unfinished   exists while `dropserver recover` fills the folder
 * certificates/         certificates from ACME, and the ACME account
 * backups/              the repository, its password, and mirrors of the data that is backed up
 * </pre>
 */
public record StateFolder(Path root) {

  public StateFolder {
    root = root.toAbsolutePath().normalize();
  }

  public Path database() {
    return root.resolve("state.db");
  }

  /**
   * Returns the key that encrypts secrets. It is created with the first secret, readable by the
   * server's user only.
   */
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

  public Path lastUsed() {
    return root.resolve("last-used");
  }

  public Path run() {
    return root.resolve("run");
  }

  /**
   * Returns the key that derives user ids. It is created on first use, readable by the server's
   * user only.
   */
  public Path identityKey() {
    return root.resolve("identity.key");
  }

  /**
   * Returns the key pair for Web Push. It is created on first use, readable by the server's user
   * only.
   */
  public Path pushKey() {
    return root.resolve("push.key");
  }

  public Path controlSocket() {
    return root.resolve("control.sock");
  }

  public Path frontDoorSocket() {
    return root.resolve("door.sock");
  }

  /** Returns the folder of the audit log, accessible to the server's user only. */
  public Path audit() {
    return root.resolve("audit");
  }

  public Path logs() {
    return root.resolve("logs");
  }

  /** Returns the folder that the ACME client creates, accessible to the server's user only. */
  public Path certificates() {
    return root.resolve("certificates");
  }

  /** Returns the folder that the backup engine creates, accessible to the server's user only. */
  public Path backups() {
    return root.resolve("backups");
  }

  /**
   * Returns a file that exists while a recovery fills the folder, and after an interrupted
   * recovery.
   */
  public Path unfinishedRecovery() {
    return root.resolve("recovery.unfinished");
  }

  public Path lockFile() {
    return root.resolve("state.lock");
  }

  /**
   * Returns something that a server has stored here; empty if the folder is missing or no server
   * has used it. Backups do not count, because the data that they protect may be lost.
   *
   * @throws StateException if the folder cannot be read
   */
  public Optional<Path> content() {
    Optional<Path> file =
        Stream.of(database(), repository(), nextUid()).filter(Files::exists).findFirst();
    if (file.isPresent() || !Files.exists(data())) {
      return file;
    }
    try (Stream<Path> folders = Files.list(data())) {
      return folders.findFirst();
    } catch (IOException e) {
      throw new StateException("the folder " + data() + " cannot be read: " + e, e);
    }
  }

  /**
   * @throws StateException if a recovery into this folder was interrupted
   */
  public void requireRecovered() {
    if (Files.exists(unfinishedRecovery())) {
      throw new StateException(
          "a recovery into "
              + root
              + " was interrupted; run `dropserver recover` again, which starts over");
    }
  }

  /**
   * Returns the folders that bubblewrap traverses with an appspace's uid to reach the appspace's
   * data, app and sockets. All other folders are accessible to the server's user only.
   */
  List<Path> traversable() {
    return List.of(root, apps(), data(), run());
  }

  /**
   * Creates missing folders.
   *
   * @throws StateException if they cannot be created
   */
  public void create() {
    try {
      for (Path folder : traversable()) {
        createTraversable(folder);
        Files.setPosixFilePermissions(folder, StateModes.TRAVERSABLE);
      }
      Files.createDirectories(logs());
    } catch (IOException e) {
      throw new StateException(
          "the state folder " + root + " cannot be created: " + e + "; choose another with --state",
          e);
    }
  }

  /**
   * Creates the folder and its missing parents with a mode that lets sandboxes traverse them. The
   * umask would remove these permissions.
   */
  private static void createTraversable(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      createTraversable(Objects.requireNonNull(folder.getParent()));
      Files.createDirectory(folder);
      Files.setPosixFilePermissions(folder, StateModes.TRAVERSABLE);
    }
  }

  /**
   * Makes this process the only server of this folder until the lock is closed or the process ends.
   * Removes permissions that give other users too much access.
   *
   * @throws StateException if another server has the lock
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
        // This process already has the lock. Treat it like another process.
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

  /** The lock of a state folder. */
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
