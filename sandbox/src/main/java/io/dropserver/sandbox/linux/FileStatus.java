package io.dropserver.sandbox.linux;

import static io.dropserver.base.linux.CLibrary.INT;
import static io.dropserver.base.linux.CLibrary.LONG;
import static io.dropserver.base.linux.CLibrary.POINTER;

import io.dropserver.base.linux.CLibrary;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/**
 * The status of a file, statx(2). No symlink is followed.
 *
 * @param blocks the number of 512-byte blocks that the file occupies on the disk, without holes
 * @param changed the ctime, which, unlike the modification time, an app cannot set
 */
public record FileStatus(
    Type type,
    int mode,
    int links,
    long inode,
    long size,
    long blocks,
    Time accessed,
    Time modified,
    Time changed) {
  private static final int TYPE = 0170000;
  private static final int PERMISSIONS = 0777;
  private static final int AT_FDCWD = -100;
  private static final int AT_SYMLINK_NOFOLLOW = 0x100;

  /** A flag with which statx(2) reads the status of the descriptor itself if the name is empty. */
  private static final int AT_EMPTY_PATH = 0x1000;

  private static final int STATX_BASIC_STATS = 0x7ff;
  private static final long BLOCK_BYTES = 512;

  /** The size of {@code struct statx} in bytes. */
  private static final int STRUCTURE = 256;

  private static final MethodHandle STATX =
      CLibrary.function("statx", INT, INT, POINTER, INT, INT, POINTER);

  public enum Type {
    FILE,
    FOLDER,
    SYMLINK,
    /** A FIFO, a socket or a device. */
    OTHER
  }

  public record Time(long seconds, long nanos) implements Comparable<Time> {
    /** A time that no file has. */
    public static final Time NONE = new Time(0, 0);

    public static Time of(Instant instant) {
      return new Time(instant.getEpochSecond(), instant.getNano());
    }

    @Override
    public int compareTo(Time other) {
      return seconds == other.seconds
          ? Long.compare(nanos, other.nanos)
          : Long.compare(seconds, other.seconds);
    }
  }

  /** Reads the status of a file by its path. */
  public static FileStatus of(Path file) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment path = arena.allocateFrom(file.toString());
      return read(arena, arena.allocate(CLibrary.STATE), AT_FDCWD, path)
          .orElseThrow(() -> new IOException("cannot read the status of " + file));
    }
  }

  /**
   * Reads the status of a file.
   *
   * @param folder a descriptor of the folder that contains it, or of the file itself
   * @param name in the folder, or empty
   * @return empty when the file is gone or cannot be seen
   */
  static Optional<FileStatus> read(
      SegmentAllocator memory, MemorySegment errno, int folder, MemorySegment name) {
    MemorySegment statx = memory.allocate(STRUCTURE, Long.BYTES);
    int flags = AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH;
    long result =
        CLibrary.call(
            memory,
            errno,
            (_, _) ->
                (int) STATX.invokeExact(errno, folder, name, flags, STATX_BASIC_STATS, statx));
    return result < 0 ? Optional.empty() : Optional.of(parse(statx));
  }

  private static FileStatus parse(MemorySegment statx) {
    int mode = Short.toUnsignedInt(statx.get(ValueLayout.JAVA_SHORT, 28));
    return new FileStatus(
        switch (mode & TYPE) {
          case 0100000 -> Type.FILE;
          case 0040000 -> Type.FOLDER;
          case 0120000 -> Type.SYMLINK;
          default -> Type.OTHER;
        },
        mode & PERMISSIONS,
        statx.get(INT, 16),
        statx.get(LONG, 32),
        statx.get(LONG, 40),
        statx.get(LONG, 48),
        time(statx, 64),
        time(statx, 112),
        time(statx, 96));
  }

  private static Time time(MemorySegment statx, long offset) {
    return new Time(statx.get(LONG, offset), statx.get(INT, offset + 8));
  }

  public long allocatedBytes() {
    return blocks * BLOCK_BYTES;
  }

  /** Returns whether holes make up more than half of the file. */
  public boolean isSparse() {
    return allocatedBytes() < size / 2;
  }
}
