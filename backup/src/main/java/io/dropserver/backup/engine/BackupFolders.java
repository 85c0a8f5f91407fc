package io.dropserver.backup.engine;

import io.dropserver.schema.state.AtomicFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;

/**
 * The files for backups in the state folder. Sandboxes and other users have no access.
 *
 * @param root {@code backups} of the state folder
 */
public record BackupFolders(Path root) {
  private static final int PASSWORD_BYTES = 32;

  public Path repository() {
    return root.resolve("repository");
  }

  public Path password() {
    return root.resolve("password");
  }

  Path cache() {
    return root.resolve("cache");
  }

  /**
   * Records the location of the repository when it was last opened. A repository that was there
   * before is not created again.
   */
  Path repositoryMarker() {
    return root.resolve("made-at");
  }

  /** The copy of one data folder, kept for the next run. */
  Path mirror(String dataId) {
    return mirrors().resolve(dataId);
  }

  Path mirrors() {
    return root.resolve("mirrors");
  }

  /** Working space of restores and verifications, emptied at the start. */
  public Path scratch() {
    return root.resolve("scratch");
  }

  /** Creates missing folders, and removes what an interrupted run left. */
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
}
