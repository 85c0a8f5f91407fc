package io.dropserver.sandbox.storage;

import io.dropserver.sandbox.linux.FileOwner;
import io.dropserver.state.AtomicFiles;
import io.dropserver.state.DiskSpace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A data folder that is not in a volume yet: a new folder, a restored folder, or a folder with data
 * from before volumes. Its contents move into the volume's image.
 */
record PlainFolder(VolumeImage volume) {
  private static final String MOVING = VolumeImage.NAME + ".moving";
  private static final String FILLING = VolumeImage.NAME + ".filling";

  void moveIntoImage(int uid, long target) throws IOException {
    try {
      createDraft(uid, target);
    } catch (StorageException | IOException e) {
      // The draft may be as large as all the data to move.
      Files.deleteIfExists(volume.draft());
      throw e;
    }
    Files.move(volume.draft(), volume.image(), StandardCopyOption.ATOMIC_MOVE);
    AtomicFiles.syncFolder(volume.parent());
    volume.steps().accept("moved");
    finishMove();
  }

  private void createDraft(int uid, long target) throws IOException {
    FolderContents contents = FolderContents.whole(volume.folder(), volume.work()::requireRunning);
    // Includes inode tables, and room for the folders that contain the file names.
    long needed = contents.bytes() + contents.bytes() / 32 + contents.files() * 512 + (8L << 20);
    boolean isEmpty = contents.files() == 0;
    requireRoom(needed);
    long size = isEmpty ? target : Math.max(target, VolumeImage.size(needed));
    Files.createFile(
        volume.draft(),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    VolumeImage.truncate(volume.draft(), size);
    Command.run(format(size, contents, isEmpty ? uid : FileOwner.of(volume.folder())));
    if (!isEmpty) {
      fill();
    }
    VolumeImage.sync(volume.draft());
    volume.steps().accept("formatted");
    if (!isEmpty) {
      Files.deleteIfExists(moving());
      Files.createFile(moving());
      AtomicFiles.syncFolder(volume.parent());
      volume.steps().accept("marked");
    }
  }

  /** Starts only if the disk has enough room for the copy above its reserve. */
  private void requireRoom(long needed) {
    DiskSpace disk = DiskSpace.of(volume.parent());
    if (disk.aboveReserve() < needed) {
      throw StorageException.diskFull(
          "moving the data in "
              + volume.folder()
              + " into its volume takes "
              + (needed >> 20)
              + " MiB, and "
              + disk.remedy());
    }
  }

  /**
   * Copies owners, modes, times, links and holes, and follows no symlinks. {@code mke2fs -d} is not
   * used, because it scans a whole folder for each file that it adds, which takes minutes for a
   * folder of 100,000 files. The namespaces ensure that no mount and no process is left, even if a
   * process is killed.
   */
  private void fill() throws IOException {
    Path mount = Files.createDirectories(volume.parent().resolve(FILLING));
    try {
      volume
          .work()
          .run(
              "unshare",
              "--mount",
              "--pid",
              "--kill-child",
              "sh",
              "-ec",
              "mount -t ext4 -o loop,noatime \"$1\" \"$3\"; cp -a \"$2/.\" \"$3\"; umount"
                  + " \"$3\"",
              "sh",
              volume.draft().toString(),
              volume.folder().toString(),
              mount.toString());
    } finally {
      Files.deleteIfExists(mount);
    }
  }

  private String[] format(long size, FolderContents contents, int owner) {
    List<String> command = new ArrayList<>(List.of("mke2fs", "-t", "ext4", "-q", "-F"));
    // No reserved blocks: the appspace may use the whole volume.
    command.addAll(List.of("-m", "0"));
    command.addAll(
        size < VolumeImage.SMALLEST_WITH_JOURNAL
            ? List.of("-O", "^has_journal")
            : List.of("-J", "size=4"));
    command.addAll(
        List.of(
            "-E",
            "lazy_itable_init=1,lazy_journal_init=1,nodiscard,root_owner=" + owner + ":" + owner));
    if (contents.files() > 0) {
      long inodes = Math.max(contents.files() + contents.files() / 4 + 64, size >> 14);
      command.addAll(List.of("-N", Long.toString(inodes)));
    }
    command.add(volume.draft().toString());
    return command.toArray(String[]::new);
  }

  /**
   * Empties the plain folder after its contents were copied into the volume. Without the marker
   * file, it is unknown which of the two is valid, and nothing is deleted.
   */
  void finishMove() throws IOException {
    if (Files.exists(moving())) {
      try (Stream<Path> entries = Files.list(volume.folder())) {
        for (Path entry : entries.toList()) {
          AtomicFiles.deleteTree(entry, volume.work()::requireRunning);
          volume.steps().accept("emptying");
        }
      }
      AtomicFiles.syncFolder(volume.folder());
      Files.delete(moving());
      AtomicFiles.syncFolder(volume.parent());
    }
    try (Stream<Path> entries = Files.list(volume.folder())) {
      if (entries.findAny().isPresent()) {
        throw new StorageException(
            "there is data both in "
                + volume.folder()
                + " and in "
                + volume.image()
                + "; move away the one that must not be used");
      }
    }
  }

  /**
   * Returns a marker file that exists from the completion of the volume until the folder is empty.
   */
  private Path moving() {
    return volume.parent().resolve(MOVING);
  }
}
