package io.dropserver.backup.copy;

import io.dropserver.backup.BackupException;
import io.dropserver.base.linux.Errno;
import io.dropserver.sandbox.linux.FileStatus;
import io.dropserver.sandbox.linux.FileSystemCalls;
import io.dropserver.state.condition.BackupReason;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Performs one pass of {@link TreeCopy#sync}. Not thread-safe. */
final class FolderCopy {
  /**
   * The maximum depth of folders. Each level keeps two descriptors open, and restic cannot open
   * paths of more than 4096 bytes.
   */
  private static final int MAX_DEPTH = 200;

  private static final int MAX_PATH_LENGTH = 3000;
  private static final int OWNER_MAY_READ = 0400;
  private static final int OWNER_MAY_ALL = 0700;

  private final FileSystemCalls kernel;
  private final FileStatus.Time since;
  private final CopyLimits bounds;
  private final TreeCopy.SpaceMonitor spaceMonitor;
  private final CopyCounters copyCounters;
  private final FileCopy bytes;

  /** Maps the inode of each hard-linked source file to the first name of its copy in the mirror. */
  private final Map<Long, FirstLink> linked = new HashMap<>();

  private long sparseBytes;

  private record FirstLink(String path, long mirrorInode, long size) {}

  FolderCopy(
      FileSystemCalls kernel,
      FileStatus.Time since,
      CopyLimits bounds,
      TreeCopy.SpaceMonitor spaceMonitor,
      CopyCounters copyCounters) {
    this.kernel = kernel;
    this.since = since;
    this.bounds = bounds;
    this.spaceMonitor = spaceMonitor;
    this.copyCounters = copyCounters;
    this.bytes = new FileCopy(kernel, spaceMonitor::copied);
  }

  /** The position of an entry in both trees. */
  private record EntryPosition(int from, int to, String folder, String name, int depth) {
    String path() {
      return folder.isEmpty() ? name : folder + "/" + name;
    }
  }

  void copy(int from, int to, String path, int depth) {
    copyCounters.folders++;
    List<String> mirrored = new ArrayList<>();
    for (String name : names(from)) {
      spaceMonitor.requireNotCancelled();
      if (copyEntry(new EntryPosition(from, to, path, name, depth))) {
        mirrored.add(name);
      }
    }
    removeMissing(to, mirrored);
    if (mirrored.isEmpty() && !path.isEmpty()) {
      copyCounters.offerEmptyFolder(path);
    }
  }

  /** Returns whether the mirror contains an entry of this name after the call. */
  private boolean copyEntry(EntryPosition at) {
    Optional<FileStatus> found = kernel.stat(at.from(), at.name());
    if (found.isEmpty()) {
      return false; // deleted meanwhile
    }
    FileStatus source = found.get();
    Optional<FileStatus> mirror = kernel.stat(at.to(), at.name());
    if (mirror.isPresent() && mirror.get().type() != source.type()) {
      remove(at.to(), at.name(), mirror.get().type());
      mirror = Optional.empty();
    }
    return switch (source.type()) {
      case FILE -> copyFile(at, source, mirror);
      case FOLDER -> copyFolder(at, source, mirror);
      case SYMLINK -> copySymlink(at, mirror);
      case OTHER -> skip(at, SkippedFile.NO_DATA);
    };
  }

  private boolean skip(EntryPosition at, String why) {
    copyCounters.skip(at.folder(), at.name(), why);
    return false;
  }

  private boolean copyFolder(EntryPosition at, FileStatus source, Optional<FileStatus> mirror) {
    if (at.depth() >= MAX_DEPTH || at.path().length() > MAX_PATH_LENGTH) {
      return skip(at, "nested too deeply: more than %d folders".formatted(MAX_DEPTH));
    }
    int from = kernel.openFolder(at.from(), at.name());
    if (from < 0) {
      boolean gone = from == -Errno.ENOENT || isNoLongerFolder(at);
      return !gone && skip(at, "unreadable");
    }
    try {
      if (mirror.isEmpty()) {
        require(kernel.makeFolder(at.to(), at.name()), at);
      }
      int to = (int) require(kernel.openFolder(at.to(), at.name()), at);
      try {
        copy(from, to, at.path(), at.depth() + 1);
        setFolderAttributes(to, source);
      } finally {
        kernel.close(to);
      }
      return true;
    } finally {
      kernel.close(from);
    }
  }

  /** Returns whether the entry is no longer a folder. The next pass copies its replacement. */
  private boolean isNoLongerFolder(EntryPosition at) {
    return kernel
        .stat(at.from(), at.name())
        .map(FileStatus::type)
        .filter(FileStatus.Type.FOLDER::equals)
        .isEmpty();
  }

  private void setFolderAttributes(int to, FileStatus source) {
    int mode = source.mode() | OWNER_MAY_ALL;
    Optional<FileStatus> existing = kernel.statOf(to);
    if (existing
        .filter(m -> m.mode() == mode && m.modified().equals(source.modified()))
        .isEmpty()) {
      kernel.mode(to, mode);
      kernel.times(to, source.modified(), source.modified());
    }
  }

  private boolean copySymlink(EntryPosition at, Optional<FileStatus> mirror) {
    Optional<String> target = kernel.readLink(at.from(), at.name());
    if (target.isEmpty()) {
      return false;
    }
    copyCounters.files++;
    copyCounters.offerLink(at.path());
    if (mirror.isPresent()) {
      if (kernel.readLink(at.to(), at.name()).equals(target)) {
        return true;
      }
      kernel.removeFile(at.to(), at.name());
    }
    require(kernel.makeLink(target.get(), at.to(), at.name()), at);
    copyCounters.copiedFiles++;
    return true;
  }

  private boolean copyFile(EntryPosition at, FileStatus source, Optional<FileStatus> mirror) {
    if (source.links() > 1 && linked.containsKey(source.inode())) {
      return linkToFirst(at, source, mirror);
    }
    if (source.isSparse() && sparseBytes + source.size() > bounds.sparseBytes()) {
      mirror.ifPresent(m -> kernel.removeFile(at.to(), at.name()));
      return skip(at, "a sparse file that is larger than limits.storage");
    }
    sparseBytes += source.isSparse() ? source.size() : 0;
    Optional<FileStatus> copy =
        mirror.filter(m -> matches(source, m)).or(() -> copyToNewFile(at, source, mirror));
    copy.ifPresent(
        made -> {
          copyCounters.files++;
          copyCounters.bytes += made.size();
          copyCounters.offerFile(at.path(), made.size());
          if (source.links() > 1) {
            linked.put(source.inode(), new FirstLink(at.path(), made.inode(), made.size()));
          }
        });
    return copy.isPresent();
  }

  private boolean matches(FileStatus source, FileStatus mirror) {
    return source.size() == mirror.size()
        && source.modified().equals(mirror.modified())
        && source.changed().equals(mirror.accessed())
        && hasReliableTimestamp(source);
  }

  /**
   * Returns whether the file's timestamp reliably shows its last change. It does not after a recent
   * change, because a mapped page of the file may be written again without a new timestamp.
   */
  private boolean hasReliableTimestamp(FileStatus source) {
    return source.changed().compareTo(since) < 0;
  }

  /**
   * Replaces the mirrored file instead of overwriting it, because the old file may have further
   * hard links in the mirror.
   *
   * @return the copy, whose size differs from the listed one if the source has changed meanwhile;
   *     empty if there is none
   */
  private Optional<FileStatus> copyToNewFile(
      EntryPosition at, FileStatus listed, Optional<FileStatus> mirror) {
    mirror.ifPresent(m -> kernel.removeFile(at.to(), at.name()));
    int from = kernel.openFile(at.from(), at.name());
    if (from < 0) {
      if (from != -Errno.ENOENT) {
        skip(at, "unreadable");
      }
      return Optional.empty();
    }
    try {
      // If the entry is no longer such a file, the next pass copies it.
      return kernel
          .statOf(from)
          .filter(source -> source.type() == FileStatus.Type.FILE)
          .filter(source -> listed.isSparse() || !source.isSparse())
          .flatMap(source -> copyOpened(at, from, source));
    } finally {
      kernel.close(from);
    }
  }

  private Optional<FileStatus> copyOpened(EntryPosition at, int from, FileStatus source) {
    int to = (int) require(kernel.createFile(at.to(), at.name()), at);
    try {
      if (!bytes.copy(from, to, source.size())) {
        skip(at, "unreadable");
        return Optional.empty();
      }
      kernel.mode(to, source.mode() | OWNER_MAY_READ);
      // Set the times last. If the copy is interrupted earlier, the next pass copies the file
      // again.
      kernel.times(
          to,
          hasReliableTimestamp(source) ? source.changed() : FileStatus.Time.NONE,
          source.modified());
      copyCounters.copiedFiles++;
      return kernel.statOf(to);
    } finally {
      kernel.close(to);
    }
  }

  /**
   * Hard-links the entry to the first copy, so that many names of one file do not multiply its
   * size.
   */
  private boolean linkToFirst(EntryPosition at, FileStatus source, Optional<FileStatus> mirror) {
    FirstLink first = linked.getOrDefault(source.inode(), new FirstLink("", -1, 0));
    copyCounters.files++;
    if (mirror.filter(m -> m.inode() == first.mirrorInode()).isPresent()) {
      copyCounters.offerName(at.path(), first.size());
      return true;
    }
    mirror.ifPresent(m -> kernel.removeFile(at.to(), at.name()));
    String up = "../".repeat(at.depth());
    if (kernel.addName(at.to(), up + first.path(), at.to(), at.name()) >= 0) {
      copyCounters.offerName(at.path(), first.size());
      return true;
    }
    Optional<FileStatus> copy = copyToNewFile(at, source, Optional.empty());
    copy.ifPresent(made -> copyCounters.offerName(at.path(), made.size()));
    return copy.isPresent();
  }

  private void removeMissing(int to, List<String> mirrored) {
    List<String> there = names(to);
    if (there.size() == mirrored.size()) {
      return;
    }
    Set<String> kept = new HashSet<>(mirrored);
    for (String name : there) {
      if (!kept.contains(name)) {
        kernel.stat(to, name).ifPresent(entry -> remove(to, name, entry.type()));
        copyCounters.removed++;
      }
    }
  }

  private void remove(int folder, String name, FileStatus.Type type) {
    if (type != FileStatus.Type.FOLDER) {
      kernel.removeFile(folder, name);
      return;
    }
    int inside = kernel.openFolder(folder, name);
    if (inside >= 0) {
      try {
        removeMissing(inside, List.of());
      } finally {
        kernel.close(inside);
      }
    }
    kernel.removeFolder(folder, name);
  }

  private List<String> names(int folder) {
    return Stream.iterate(kernel.list(folder), Optional::isPresent, _ -> kernel.list(folder))
        .flatMap(some -> Arrays.stream(some.orElseThrow()))
        .toList();
  }

  private static long require(long result, EntryPosition at) {
    if (!FileCopy.written(result)) {
      throw new BackupException(
          BackupReason.BACKUP_FAILED,
          "cannot write %s in the mirror: errno %d"
              .formatted(SkippedFile.of(at.path(), "").path(), -result));
    }
    return result;
  }
}
