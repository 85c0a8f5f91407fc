package io.dropserver.backup.engine;

import io.dropserver.state.AtomicFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;

/**
 * Paths of the backup files in the state folder. Only the server's user has access.
 *
 * @param root the folder {@code backups} of the state folder
 */
public record BackupFolders(Path root) {
  private static final int PASSWORD_BYTES = 32;

  public Path repository() {
    return root.resolve("repository");
  }

  /** Returns the folders of a further repository, which has its own mirrors. */
  public BackupFolders further(String name) {
    return new BackupFolders(root.resolve("further").resolve(name));
  }

  public Path password() {
    return root.resolve("password");
  }

  Path cache() {
    return root.resolve("cache");
  }

  /**
   * Returns the file that records where the repository was last opened. A repository that was
   * opened before is never created again at the same location.
   */
  Path repositoryMarker() {
    return root.resolve("made-at");
  }

  /**
   * Returns the mirror of one data folder. It is kept, so that the next backup copies only changes.
   */
  Path mirror(String dataId) {
    return mirrors().resolve(dataId);
  }

  Path mirrors() {
    return root.resolve("mirrors");
  }

  /** Returns the working space of restores and verifications. {@link #prepare} empties it. */
  public Path scratch() {
    return root.resolve("scratch");
  }

  /** Creates missing folders and empties {@link #scratch}. */
  public void prepare() {
    try {
      for (Path folder : new Path[] {root, cache(), mirrors()}) {
        Files.createDirectories(folder);
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
      }
      AtomicFiles.deleteTree(scratch());
      Files.createDirectories(scratch());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot prepare " + root + " for backups", e);
    }
  }

  /**
   * Creates the password file if it does not exist.
   *
   * @return whether it was created
   */
  public boolean ensurePassword() {
    if (Files.exists(password())) {
      return false;
    }
    byte[] random = new byte[PASSWORD_BYTES];
    new SecureRandom().nextBytes(random);
    byte[] text = Base64.getUrlEncoder().withoutPadding().encode(random);
    try {
      AtomicFiles.write(password(), text);
      return true;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + password(), e);
    }
  }

  /** Deletes a file, or a folder with its content. Has no effect if it does not exist. */
  static void delete(Path path) {
    try {
      AtomicFiles.deleteTree(path);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot remove " + path, e);
    }
  }
}
