package io.dropserver.sandbox.storage;

import io.dropserver.sandbox.SandboxHost.Layer;
import io.dropserver.sandbox.linux.FileOwner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * Plain folders: the stored data is measured, but writes are not limited. For machines that cannot
 * enforce a limit.
 */
public final class SoftStorage implements Storage {
  private final Missing missing;
  private final ConcurrentMap<Path, Long> limits = new ConcurrentHashMap<>();

  /**
   * @param missing why this machine cannot enforce a limit
   */
  public SoftStorage(Missing missing) {
    this.missing = missing;
  }

  @Override
  public Volume open(Path folder, int uid, long limitBytes) {
    requirePlain(folder);
    prepare(folder, uid);
    limits.put(folder, limitBytes);
    return new Volume(folder, false, limitBytes, "measured, not enforced: " + missing.why());
  }

  /** Plain folders need no move. */
  @Override
  public void moveIntoVolume(Path folder, int uid, long limitBytes) {
    requirePlain(folder);
  }

  @Override
  public void abortMoves() {}

  @Override
  public void makeReadable(Path folder) {
    requirePlain(folder);
  }

  @Override
  public void markUnused(Path folder) {}

  /** Needs no guard: a write to a full disk fails before it is acknowledged. */
  @Override
  public void setWriters(Writers writers) {}

  @Override
  public boolean diskFull() {
    return false;
  }

  @Override
  public Stored stored(Path folder) {
    long bytes = FolderContents.of(folder).bytes();
    return new Stored(bytes, bytes >= limits.getOrDefault(folder, Long.MAX_VALUE), false);
  }

  /**
   * Refuses a folder whose data is in a volume, because the appspace must not start with an empty
   * folder.
   */
  private void requirePlain(Path folder) {
    Path image = folder.resolveSibling(VolumeImage.NAME);
    if (Files.exists(image, LinkOption.NOFOLLOW_LINKS)) {
      throw new StorageException(
          "its data is in the volume "
              + image
              + ", which cannot be mounted here: "
              + missing.why()
              + "; "
              + missing.remedy()
              + ", or extract the data: debugfs -R 'rdump / "
              + folder
              + "' "
              + image
              + ", then move the volume away");
    }
  }

  /** Creates the folder for the uid if it is missing. Follows no symlink. */
  static void prepare(Path folder, int uid) {
    try {
      if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
        Files.createDirectory(
            folder,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        FileOwner.set(folder, uid);
      }
    } catch (IOException e) {
      throw new StorageException("cannot prepare the data folder " + folder + ": " + e, e);
    }
  }

  @Override
  public void release(Path folder) {
    limits.remove(folder);
  }

  @Override
  public Layer layer() {
    return new Layer(
        VolumeHost.STORAGE, false, "measured, not enforced: " + missing.why(), missing.remedy());
  }

  @Override
  public void close() {
    limits.clear();
  }
}
