package io.dropserver.sandbox.storage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * Plain folders: what is stored is measured, and nothing stops a write. For machines without more.
 */
public final class SoftStorage implements Storage {
  private final String why;

  /**
   * @param why this machine gives no hard limit, with the remedy
   */
  public SoftStorage(String why) {
    this.why = why;
  }

  @Override
  public Volume open(Path folder, int uid, long limitBytes) {
    prepare(folder, uid);
    return new Volume(folder, false, limitBytes, "measured, not enforced: " + why);
  }

  /** Creates the folder where it is missing and gives it to the uid. Follows no symlink. */
  static void prepare(Path folder, int uid) {
    try {
      if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
        Files.createDirectory(
            folder,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      }
      int owner = (Integer) Files.getAttribute(folder, "unix:uid", LinkOption.NOFOLLOW_LINKS);
      if (owner != uid) {
        Files.setAttribute(folder, "unix:uid", uid, LinkOption.NOFOLLOW_LINKS);
        Files.setAttribute(folder, "unix:gid", uid, LinkOption.NOFOLLOW_LINKS);
      }
    } catch (IOException e) {
      throw new StorageException("cannot prepare the data folder " + folder + ": " + e, e);
    }
  }

  @Override
  public void release(Path folder) {
    // A plain folder holds nothing of the machine's.
  }

  @Override
  public void close() {
    // As above.
  }
}
