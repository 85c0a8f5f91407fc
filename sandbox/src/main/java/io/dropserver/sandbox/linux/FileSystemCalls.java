package io.dropserver.sandbox.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Files by descriptor and single name, by the C library: Java blocks on a FIFO that took the place
 * of a file, and loses names that are no UTF-8. A name is a text of Latin-1 characters, one for
 * each byte.
 *
 * <p>A result below zero is an errno(3), negated. Used by one thread.
 */
public final class FileSystemCalls implements AutoCloseable {
  public static final int ENOENT = 2;
  public static final int EEXIST = 17;
  public static final int ENOSPC = 28;
  public static final int EDQUOT = 122;

  private static final boolean ARM = System.getProperty("os.arch").equals("aarch64");
  private static final int O_NOFOLLOW = ARM ? 0100000 : 0400000;
  private static final int O_DIRECTORY = ARM ? 040000 : 0200000;
  private static final int O_NONBLOCK = 04000;
  private static final int O_CLOEXEC = 02000000;
  private static final int O_CREATE_NEW = 0100 | 0200;
  private static final int O_RDWR = 2;
  private static final int AT_FDCWD = -100;
  private static final int AT_SYMLINK_NOFOLLOW = 0x100;
  private static final int AT_REMOVEDIR = 0x200;
  private static final int AT_EMPTY_PATH = 0x1000;
  private static final int STATX_BASIC_STATS = 0x7ff;

  private static final int LISTING_BYTES = 64 << 10;
  private static final int LINK_BYTES = 4096;
  private static final int DATA_BYTES = 1 << 20;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final MemoryLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
  private static final java.lang.foreign.AddressLayout POINTER = ValueLayout.ADDRESS;

  private static final MethodHandle OPENAT =
      LINKER.downcallHandle(
          LINKER.defaultLookup().findOrThrow("openat"),
          FunctionDescriptor.of(INT, INT, POINTER, INT, INT),
          Linker.Option.firstVariadicArg(3),
          Linker.Option.captureCallState("errno"));
  private static final MethodHandle CLOSE = call("close", INT, INT);
  private static final MethodHandle STATX = call("statx", INT, INT, POINTER, INT, INT, POINTER);
  private static final MethodHandle GETDENTS = call("getdents64", LONG, INT, POINTER, LONG);
  private static final MethodHandle MKDIRAT = call("mkdirat", INT, INT, POINTER, INT);
  private static final MethodHandle UNLINKAT = call("unlinkat", INT, INT, POINTER, INT);
  private static final MethodHandle SYMLINKAT = call("symlinkat", INT, POINTER, INT, POINTER);
  private static final MethodHandle READLINKAT =
      call("readlinkat", LONG, INT, POINTER, POINTER, LONG);
  private static final MethodHandle LINKAT = call("linkat", INT, INT, POINTER, INT, POINTER, INT);
  private static final MethodHandle FCHMOD = call("fchmod", INT, INT, INT);
  private static final MethodHandle FUTIMENS = call("futimens", INT, INT, POINTER);
  private static final MethodHandle FTRUNCATE = call("ftruncate", INT, INT, LONG);
  private static final MethodHandle LSEEK = call("lseek", LONG, INT, LONG, INT);
  private static final MethodHandle COPY_FILE_RANGE =
      call("copy_file_range", LONG, INT, POINTER, INT, POINTER, LONG, INT);

  private static final MethodHandle PREAD = call("pread", LONG, INT, POINTER, LONG, LONG);
  private static final MethodHandle PWRITE = call("pwrite", LONG, INT, POINTER, LONG, LONG);

  private final Arena arena = Arena.ofConfined();
  private final MemorySegment data = arena.allocate(DATA_BYTES);
  private final MemorySegment state = arena.allocate(STATE);
  private final MemorySegment nameBuffer = arena.allocate(LINK_BYTES + 1);
  private final MemorySegment otherName = arena.allocate(LINK_BYTES + 1);
  private final MemorySegment stat = arena.allocate(256, Long.BYTES);
  private final MemorySegment listing = arena.allocate(LISTING_BYTES, Long.BYTES);
  private final MemorySegment link = arena.allocate(LINK_BYTES);
  private final MemorySegment offsets = arena.allocate(2L * Long.BYTES, Long.BYTES);
  private final MemorySegment times = arena.allocate(32, Long.BYTES);

  private static MethodHandle call(String name, MemoryLayout result, MemoryLayout... arguments) {
    return LINKER.downcallHandle(
        LINKER.defaultLookup().findOrThrow(name),
        FunctionDescriptor.of(result, arguments),
        Linker.Option.captureCallState("errno"));
  }

  @FunctionalInterface
  private interface Call {
    long run() throws Throwable;
  }

  private long result(Call call) {
    try {
      long result = call.run();
      return result < 0 ? -(int) ERRNO.get(state, 0L) : result;
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable impossible) {
      throw new AssertionError(impossible);
    }
  }

  /** openat(2) of a folder; a symlink is refused. */
  public int openFolder(int folder, String name) {
    return open(folder, name, O_DIRECTORY | O_NOFOLLOW);
  }

  /** The same by a whole path, which nobody hostile can change. */
  public int openRoot(java.nio.file.Path path) {
    String bytes =
        new String(path.toString().getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    return open(AT_FDCWD, bytes, O_DIRECTORY | O_NOFOLLOW);
  }

  /** For reading. Never waits, whatever has taken the file's place: see {@link #statOf}. */
  public int openFile(int folder, String name) {
    return open(folder, name, O_NOFOLLOW | O_NONBLOCK);
  }

  /** For writing; there must be nothing of that name. */
  public int createFile(int folder, String name) {
    return open(folder, name, O_RDWR | O_CREATE_NEW | O_NOFOLLOW);
  }

  private int open(int folder, String name, int flags) {
    MemorySegment at = text(nameBuffer, name);
    return (int) result(() -> (int) OPENAT.invokeExact(state, folder, at, flags | O_CLOEXEC, 0600));
  }

  public void close(int descriptor) {
    long _ = result(() -> (int) CLOSE.invokeExact(state, descriptor));
  }

  /** statx(2) of a name, not following it; empty when it is gone or cannot be seen. */
  public Optional<FileStatus> stat(int folder, String name) {
    return statx(folder, text(nameBuffer, name), AT_SYMLINK_NOFOLLOW);
  }

  /** Of what a descriptor names. */
  public Optional<FileStatus> statOf(int descriptor) {
    return statx(descriptor, text(nameBuffer, ""), AT_EMPTY_PATH);
  }

  private Optional<FileStatus> statx(int folder, MemorySegment name, int flags) {
    long done =
        result(() -> (int) STATX.invokeExact(state, folder, name, flags, STATX_BASIC_STATS, stat));
    return done < 0 ? Optional.empty() : Optional.of(FileStatus.read(stat));
  }

  /** getdents64(2), until a call gives nothing; empty at the end. */
  public Optional<String[]> list(int folder) {
    long bytes =
        result(() -> (long) GETDENTS.invokeExact(state, folder, listing, (long) LISTING_BYTES));
    return bytes <= 0 ? Optional.empty() : Optional.of(DirectoryEntries.names(listing, bytes));
  }

  public long makeFolder(int folder, String name) {
    MemorySegment at = text(nameBuffer, name);
    return result(() -> (int) MKDIRAT.invokeExact(state, folder, at, 0700));
  }

  public long removeFile(int folder, String name) {
    MemorySegment at = text(nameBuffer, name);
    return result(() -> (int) UNLINKAT.invokeExact(state, folder, at, 0));
  }

  public long removeFolder(int folder, String name) {
    MemorySegment at = text(nameBuffer, name);
    return result(() -> (int) UNLINKAT.invokeExact(state, folder, at, AT_REMOVEDIR));
  }

  public Optional<String> readLink(int folder, String name) {
    MemorySegment at = text(nameBuffer, name);
    long bytes =
        result(() -> (long) READLINKAT.invokeExact(state, folder, at, link, (long) LINK_BYTES));
    return bytes < 0
        ? Optional.empty()
        : Optional.of(
            new String(
                link.asSlice(0, bytes).toArray(ValueLayout.JAVA_BYTE),
                StandardCharsets.ISO_8859_1));
  }

  public long makeLink(String target, int folder, String name) {
    MemorySegment to = text(otherName, target);
    MemorySegment at = text(nameBuffer, name);
    return result(() -> (int) SYMLINKAT.invokeExact(state, to, folder, at));
  }

  /** A second name for a file, link(2). */
  public long addName(int fromFolder, String from, int folder, String name) {
    MemorySegment first = text(otherName, from);
    MemorySegment at = text(nameBuffer, name);
    return result(() -> (int) LINKAT.invokeExact(state, fromFolder, first, folder, at, 0));
  }

  public long mode(int descriptor, int mode) {
    return result(() -> (int) FCHMOD.invokeExact(state, descriptor, mode));
  }

  public long times(int descriptor, FileStatus.Time access, FileStatus.Time modified) {
    times.set(LONG, 0, access.seconds());
    times.set(LONG, 8, access.nanos());
    times.set(LONG, 16, modified.seconds());
    times.set(LONG, 24, modified.nanos());
    return result(() -> (int) FUTIMENS.invokeExact(state, descriptor, times));
  }

  public long truncate(int descriptor, long size) {
    return result(() -> (int) FTRUNCATE.invokeExact(state, descriptor, size));
  }

  /** lseek(2) to the next data (3) or hole (4). */
  public long seek(int descriptor, long from, int whence) {
    return result(() -> (long) LSEEK.invokeExact(state, descriptor, from, whence));
  }

  /** copy_file_range(2): shares blocks where the file system can, else copies in the kernel. */
  public long copyRange(int from, int to, long offset, long bytes) {
    offsets.set(LONG, 0, offset);
    offsets.set(LONG, 8, offset);
    return result(
        () ->
            (long)
                COPY_FILE_RANGE.invokeExact(
                    state, from, offsets, to, offsets.asSlice(8), bytes, 0));
  }

  /** The same through our memory, for two file systems that do not know each other. */
  public long copyThrough(int from, int to, long offset, long bytes) {
    long most = Math.min(bytes, DATA_BYTES);
    long read = result(() -> (long) PREAD.invokeExact(state, from, data, most, offset));
    long written = 0;
    while (written < read) {
      MemorySegment rest = data.asSlice(written);
      long left = read - written;
      long at = offset + written;
      long done = result(() -> (long) PWRITE.invokeExact(state, to, rest, left, at));
      if (done < 0) {
        return done;
      }
      written += done;
    }
    return read;
  }

  private static MemorySegment text(MemorySegment buffer, String latin) {
    buffer.setString(0, latin, StandardCharsets.ISO_8859_1);
    return buffer;
  }

  @Override
  public void close() {
    arena.close();
  }
}
