package io.dropserver.sandbox.linux;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Instant;

/**
 * What statx(2) says of a file.
 *
 * @param blocks of 512 bytes that it takes
 * @param changed ctime: unlike the time of modification an app cannot set it
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

  public enum Type {
    FILE,
    FOLDER,
    SYMLINK,
    /** A FIFO, a socket or a device. */
    OTHER
  }

  public record Time(long seconds, long nanos) implements Comparable<Time> {
    /** That of no file. */
    public static final Time NONE = new Time(0, 0);

    public static Time of(Instant instant) {
      long seconds = instant.getEpochSecond();
      return new Time(seconds, instant.getNano());
    }

    @Override
    public int compareTo(Time other) {
      return seconds == other.seconds
          ? Long.compare(nanos, other.nanos)
          : Long.compare(seconds, other.seconds);
    }
  }

  public static FileStatus read(MemorySegment statx) {
    int mode = Short.toUnsignedInt(statx.get(ValueLayout.JAVA_SHORT, 28));
    return new FileStatus(
        switch (mode & TYPE) {
          case 0100000 -> Type.FILE;
          case 0040000 -> Type.FOLDER;
          case 0120000 -> Type.SYMLINK;
          default -> Type.OTHER;
        },
        mode & PERMISSIONS,
        statx.get(ValueLayout.JAVA_INT, 16),
        statx.get(ValueLayout.JAVA_LONG, 32),
        statx.get(ValueLayout.JAVA_LONG, 40),
        statx.get(ValueLayout.JAVA_LONG, 48),
        time(statx, 64),
        time(statx, 112),
        time(statx, 96));
  }

  private static Time time(MemorySegment statx, long offset) {
    return new Time(
        statx.get(ValueLayout.JAVA_LONG, offset), statx.get(ValueLayout.JAVA_INT, offset + 8));
  }

  public boolean isSparse() {
    return blocks * 512 < size / 2;
  }
}
