package io.dropserver.sandbox.storage;

import io.dropserver.schema.state.AtomicFiles;
import io.dropserver.schema.state.DiskSpace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A data folder without a volume, as a new one is, and one that held data before or was restored:
 * what it holds moves into the volume's image.
 */
record PlainFolder(VolumeImage volume) {
  private static final String MOVING = VolumeImage.NAME + ".moving";
  private static final String FILLING = VolumeImage.NAME + ".filling";

  void become(int uid, long target) throws IOException {
    try {
      draft(uid, target);
    } catch (StorageException | IOException e) {
      // It may be as large as all that is to move.
      Files.deleteIfExists(volume.draft());
      throw e;
    }
    Files.move(volume.draft(), volume.image(), StandardCopyOption.ATOMIC_MOVE);
    AtomicFiles.syncFolder(volume.parent());
    volume.steps().accept("moved");
    finishMove();
  }

  private void draft(int uid, long target) throws IOException {
    FolderContents contents = FolderContents.whole(volume.folder(), volume.work()::requireWanted);
    // Tables for its files, and room for the folders that hold their names.
    long needed = contents.bytes() + contents.bytes() / 32 + contents.files() * 512 + (8L << 20);
    boolean isEmpty = contents.files() == 0;
    requireRoom(needed);
    long size = isEmpty ? target : Math.max(target, VolumeImage.size(needed));
    Files.createFile(
        volume.draft(),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    VolumeImage.truncate(volume.draft(), size);
    Command.run(format(size, contents, isEmpty ? uid : SoftStorage.owner(volume.folder())));
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

  /** What the disk has beyond its reserve takes the copy, or nothing is begun. */
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
   * Copies owners, modes, times, links and holes, and follows no symlink. {@code mke2fs -d} goes
   * through a whole folder for each name that it adds: minutes for one of 100,000 files. In
   * namespaces of its own nothing is left mounted and nothing runs on, whatever is killed.
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
    // No reserved blocks: all of it is the appspace's.
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
   * Empties the plain folder whose contents are in the volume now. Without the mark nobody knows
   * which of the two is meant, and nothing is deleted.
   */
  void finishMove() throws IOException {
    if (Files.exists(moving())) {
      try (Stream<Path> entries = Files.list(volume.folder())) {
        for (Path entry : entries.toList()) {
          AtomicFiles.deleteTree(entry, volume.work()::requireWanted);
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
                + "; move away the one that is not to be used");
      }
    }
  }

  /** Exists from when the volume is whole until the folder is empty. */
  private Path moving() {
    return volume.parent().resolve(MOVING);
  }
}
