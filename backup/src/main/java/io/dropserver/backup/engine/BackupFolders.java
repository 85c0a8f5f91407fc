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
 * What lies in the state folder for backups. No sandbox sees it, and no other user may enter.
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

  /** Where the repository was when it was last opened: there it is not made a second time. */
  Path madeAt() {
    return root.resolve("made-at");
  }

  /** A copy of one data folder, kept for the next run. */
  Path mirror(String dataId) {
    return mirrors().resolve(dataId);
  }

  Path mirrors() {
    return root.resolve("mirrors");
  }

  /** What a restore or a verification is at work on; emptied at the start. */
  public Path scratch() {
    return root.resolve("scratch");
  }

  /** Makes what is missing, and removes what an earlier run left unfinished. */
  public void prepare() {
    try {
      for (Path folder : new Path[] {root, cache(), mirrors()}) {
        Files.createDirectories(folder);
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
      }
      AtomicFiles.deleteTree(scratch());
      Files.createDirectories(scratch());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot make " + root + " ready for backups", e);
    }
  }

  /**
   * Makes the password where there is none.
   *
   * @return whether it was made now
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
