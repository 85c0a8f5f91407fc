package io.dropserver.sandbox.linux;

import static io.dropserver.base.linux.CLibrary.INT;
import static io.dropserver.base.linux.CLibrary.LONG;
import static io.dropserver.base.linux.CLibrary.POINTER;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.dropserver.base.linux.CLibrary;
import io.dropserver.base.linux.NativeFile;
import io.dropserver.base.linux.OpenFlags;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.Optional;

/**
 * System calls that address a file by the descriptor of its folder and a single name, such as
 * openat(2). Java's own API blocks on a FIFO that has replaced a file, and cannot represent names
 * that are not UTF-8. A name here is a string of ISO 8859-1 characters, one for each byte.
 *
 * <p>A result below zero is a negated errno(3). Not safe for use by several threads.
 */
public final class FileSystemCalls implements AutoCloseable {
  private static final int AT_FDCWD = -100;
  private static final int AT_REMOVEDIR = 0x200;
  private static final int SEEK_DATA = 3;
  private static final int SEEK_HOLE = 4;

  private static final int LISTING_BYTES = 64 << 10;
  private static final int LINK_BYTES = 4096;

  /** Size of the memory for the arguments of one call: two names and a structure. */
  private static final int ARGUMENT_BYTES = 4 * LINK_BYTES;

  private static final int DATA_BYTES = 1 << 20;

  private static final MethodHandle OPENAT =
      CLibrary.variadic("openat", 3, INT, INT, POINTER, INT, INT);
  private static final MethodHandle GETDENTS =
      CLibrary.function("getdents64", LONG, INT, POINTER, LONG);
  private static final MethodHandle MKDIRAT = CLibrary.function("mkdirat", INT, INT, POINTER, INT);
  private static final MethodHandle UNLINKAT =
      CLibrary.function("unlinkat", INT, INT, POINTER, INT);
  private static final MethodHandle SYMLINKAT =
      CLibrary.function("symlinkat", INT, POINTER, INT, POINTER);
  private static final MethodHandle READLINKAT =
      CLibrary.function("readlinkat", LONG, INT, POINTER, POINTER, LONG);
  private static final MethodHandle LINKAT =
      CLibrary.function("linkat", INT, INT, POINTER, INT, POINTER, INT);
  private static final MethodHandle FCHMOD = CLibrary.function("fchmod", INT, INT, INT);
  private static final MethodHandle FUTIMENS = CLibrary.function("futimens", INT, INT, POINTER);
  private static final MethodHandle FTRUNCATE = CLibrary.function("ftruncate", INT, INT, LONG);
  private static final MethodHandle LSEEK = CLibrary.function("lseek", LONG, INT, LONG, INT);
  private static final MethodHandle COPY_FILE_RANGE =
      CLibrary.function("copy_file_range", LONG, INT, POINTER, INT, POINTER, LONG, INT);

  private static final MethodHandle PREAD =
      CLibrary.function("pread", LONG, INT, POINTER, LONG, LONG);
  private static final MethodHandle PWRITE =
      CLibrary.function("pwrite", LONG, INT, POINTER, LONG, LONG);

  private final Arena arena = Arena.ofConfined();
  private final MemorySegment data = arena.allocate(DATA_BYTES);
  private final MemorySegment state = arena.allocate(CLibrary.STATE);
  private final MemorySegment arguments = arena.allocate(ARGUMENT_BYTES, Long.BYTES);
  private final MemorySegment listing = arena.allocate(LISTING_BYTES, Long.BYTES);
  private final MemorySegment link = arena.allocate(LINK_BYTES);

  private long result(CLibrary.Call call) {
    return CLibrary.call(memory(), state, call);
  }

  /** Returns memory for the arguments of one call. */
  private SegmentAllocator memory() {
    return SegmentAllocator.slicingAllocator(arguments);
  }

  private static MemorySegment text(SegmentAllocator memory, String latin) {
    return memory.allocateFrom(latin, ISO_8859_1);
  }

  /** Opens a folder, openat(2). Refuses a symlink. */
  public int openFolder(int folder, String name) {
    return open(folder, name, OpenFlags.O_DIRECTORY | OpenFlags.O_NOFOLLOW);
  }

  /** Opens a folder by an absolute path, which apps cannot change. */
  public int openRoot(Path path) {
    return open(
        AT_FDCWD,
        new String(path.toString().getBytes(UTF_8), ISO_8859_1),
        OpenFlags.O_DIRECTORY | OpenFlags.O_NOFOLLOW);
  }

  /**
   * Opens a file for reading. Never blocks, even if an app has replaced the file, for example by a
   * FIFO. {@link #statOf} returns the type of the opened file.
   */
  public int openFile(int folder, String name) {
    return open(folder, name, OpenFlags.O_NOFOLLOW | OpenFlags.O_NONBLOCK);
  }

  /** Creates a file for writing. The name must not exist. */
  public int createFile(int folder, String name) {
    return open(
        folder,
        name,
        OpenFlags.O_RDWR | OpenFlags.O_CREAT | OpenFlags.O_EXCL | OpenFlags.O_NOFOLLOW);
  }

  private int open(int folder, String name, int flags) {
    return (int)
        result(
            (memory, errno) ->
                (int)
                    OPENAT.invokeExact(
                        errno, folder, text(memory, name), flags | OpenFlags.O_CLOEXEC, 0600));
  }

  public void close(int descriptor) {
    NativeFile.close(descriptor);
  }

  /** Returns the status of a name, or empty when it is gone or cannot be seen. */
  public Optional<FileStatus> stat(int folder, String name) {
    SegmentAllocator memory = memory();
    return FileStatus.read(memory, state, folder, text(memory, name));
  }

  /** Returns the status of an open file. */
  public Optional<FileStatus> statOf(int descriptor) {
    return stat(descriptor, "");
  }

  /** Returns the next names in a folder, getdents64(2); empty at the end. */
  public Optional<String[]> list(int folder) {
    long bytes =
        result(
            (_, errno) ->
                (long) GETDENTS.invokeExact(errno, folder, listing, (long) LISTING_BYTES));
    return bytes <= 0 ? Optional.empty() : Optional.of(DirectoryEntries.names(listing, bytes));
  }

  public long makeFolder(int folder, String name) {
    return result(
        (memory, errno) -> (int) MKDIRAT.invokeExact(errno, folder, text(memory, name), 0700));
  }

  public long removeFile(int folder, String name) {
    return unlink(folder, name, 0);
  }

  public long removeFolder(int folder, String name) {
    return unlink(folder, name, AT_REMOVEDIR);
  }

  private long unlink(int folder, String name, int flags) {
    return result(
        (memory, errno) -> (int) UNLINKAT.invokeExact(errno, folder, text(memory, name), flags));
  }

  public Optional<String> readLink(int folder, String name) {
    long bytes =
        result(
            (memory, errno) ->
                (long)
                    READLINKAT.invokeExact(
                        errno, folder, text(memory, name), link, (long) LINK_BYTES));
    return bytes < 0
        ? Optional.empty()
        : Optional.of(
            new String(link.asSlice(0, bytes).toArray(ValueLayout.JAVA_BYTE), ISO_8859_1));
  }

  public long makeLink(String target, int folder, String name) {
    return result(
        (memory, errno) ->
            (int) SYMLINKAT.invokeExact(errno, text(memory, target), folder, text(memory, name)));
  }

  /** Creates a hard link, linkat(2). */
  public long addName(int fromFolder, String from, int folder, String name) {
    return result(
        (memory, errno) ->
            (int)
                LINKAT.invokeExact(
                    errno, fromFolder, text(memory, from), folder, text(memory, name), 0));
  }

  public long mode(int descriptor, int mode) {
    return result((_, errno) -> (int) FCHMOD.invokeExact(errno, descriptor, mode));
  }

  public long times(int descriptor, FileStatus.Time access, FileStatus.Time modified) {
    return result(
        (memory, errno) ->
            (int)
                FUTIMENS.invokeExact(
                    errno,
                    descriptor,
                    memory.allocateFrom(
                        LONG,
                        access.seconds(),
                        access.nanos(),
                        modified.seconds(),
                        modified.nanos())));
  }

  public long truncate(int descriptor, long size) {
    return result((_, errno) -> (int) FTRUNCATE.invokeExact(errno, descriptor, size));
  }

  /** Returns where the next data begins, lseek(2); {@code ENXIO} when there is none. */
  public long nextData(int descriptor, long from) {
    return seek(descriptor, from, SEEK_DATA);
  }

  /** Returns where the next hole begins, lseek(2). */
  public long nextHole(int descriptor, long from) {
    return seek(descriptor, from, SEEK_HOLE);
  }

  private long seek(int descriptor, long from, int whence) {
    return result((_, errno) -> (long) LSEEK.invokeExact(errno, descriptor, from, whence));
  }

  /**
   * Copies a part of a file in the kernel, copy_file_range(2). Both files share the blocks if the
   * file system supports sharing.
   */
  public long copyRange(int from, int to, long offset, long bytes) {
    return result(
        (memory, errno) ->
            (long)
                COPY_FILE_RANGE.invokeExact(
                    errno,
                    from,
                    memory.allocateFrom(LONG, offset),
                    to,
                    memory.allocateFrom(LONG, offset),
                    bytes,
                    0));
  }

  /**
   * Like {@link #copyRange}, but copies through memory, pread(2) and pwrite(2), for file systems
   * that the kernel cannot copy between.
   */
  public long copyThrough(int from, int to, long offset, long bytes) {
    long most = Math.min(bytes, DATA_BYTES);
    long read = result((_, errno) -> (long) PREAD.invokeExact(errno, from, data, most, offset));
    long written = 0;
    while (written < read) {
      MemorySegment rest = data.asSlice(written);
      long left = read - written;
      long at = offset + written;
      long done = result((_, errno) -> (long) PWRITE.invokeExact(errno, to, rest, left, at));
      if (done < 0) {
        return done;
      }
      written += done;
    }
    return read;
  }

  @Override
  public void close() {
    arena.close();
  }
}
