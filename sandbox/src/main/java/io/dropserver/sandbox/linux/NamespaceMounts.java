package io.dropserver.sandbox.linux;

import static io.dropserver.base.linux.CLibrary.INT;
import static io.dropserver.base.linux.CLibrary.LONG;
import static io.dropserver.base.linux.CLibrary.POINTER;

import io.dropserver.base.linux.CLibrary;
import io.dropserver.base.linux.NativeFile;
import io.dropserver.base.linux.OpenFlags;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Mounts folders in a mount namespace that processes already use: open_tree(2), mount_setattr(2)
 * and move_mount(2), by their numbers, because older C libraries lack them. Requires root.
 * Thread-safe.
 */
public final class NamespaceMounts {
  private static final long OPEN_TREE = 428;
  private static final long MOVE_MOUNT = 429;
  private static final long MOUNT_SETATTR = 442;

  private static final int WORKING_FOLDER = -100;
  private static final int EMPTY_PATH = 0x1000;
  private static final int CLONE_TREE = 1;
  private static final int MOVE_EMPTY_PATH = 4;

  private static final long READ_ONLY = 1;
  private static final long NO_SUID_NO_DEVICES = 2 | 4;
  private static final long ID_MAP = 0x10_0000;
  private static final long PRIVATE = 1 << 18;
  private static final int CLONE_FS = 0x200;
  private static final int CLONE_NEWNS = 0x0002_0000;

  private static final MethodHandle OPEN =
      CLibrary.variadic("syscall", 1, LONG, LONG, INT, POINTER, INT);
  private static final MethodHandle SET =
      CLibrary.variadic("syscall", 1, LONG, LONG, INT, POINTER, INT, POINTER, LONG);
  private static final MethodHandle MOVE =
      CLibrary.variadic("syscall", 1, LONG, LONG, INT, POINTER, INT, POINTER, INT);
  private static final MethodHandle UNSHARE = CLibrary.function("unshare", INT, INT);
  private static final MethodHandle SETNS = CLibrary.function("setns", INT, INT, INT);

  private NamespaceMounts() {}

  /** A mount that no namespace contains yet, and the absolute path at which it is to appear. */
  public record Detached(NativeFile mount, String target) implements AutoCloseable {
    @Override
    public void close() {
      mount.close();
    }
  }

  /**
   * Creates a mount of a folder, without the mounts below it, which no other namespace sees change.
   *
   * @param owners a user namespace that maps the owners of files, see {@link UserMapping}
   */
  public static Detached detached(
      Path folder, String target, boolean readOnly, Optional<NativeFile> owners)
      throws IOException {
    long opened =
        CLibrary.call(
            (memory, errno) ->
                (long)
                    OPEN.invokeExact(
                        errno,
                        OPEN_TREE,
                        WORKING_FOLDER,
                        memory.allocateFrom(folder.toString()),
                        CLONE_TREE | OpenFlags.O_CLOEXEC));
    NativeFile mount = NativeFile.of((int) checked("open_tree", folder, opened));
    try {
      setAttributes(mount, readOnly, owners, folder);
      return new Detached(mount, target);
    } catch (IOException | RuntimeException e) {
      mount.close();
      throw e;
    }
  }

  private static void setAttributes(
      NativeFile mount, boolean readOnly, Optional<NativeFile> owners, Path folder)
      throws IOException {
    long set = NO_SUID_NO_DEVICES | (readOnly ? READ_ONLY : 0) | (owners.isPresent() ? ID_MAP : 0);
    long result =
        CLibrary.call(
            (memory, errno) -> {
              // struct mount_attr: attributes to set and to clear, propagation, user namespace
              MemorySegment attributes =
                  memory.allocateFrom(
                      LONG, set, 0, PRIVATE, owners.map(NativeFile::descriptor).orElse(0));
              return (long)
                  SET.invokeExact(
                      errno,
                      MOUNT_SETATTR,
                      mount.descriptor(),
                      memory.allocateFrom(""),
                      EMPTY_PATH,
                      attributes,
                      attributes.byteSize());
            });
    long _ = checked("mount_setattr", folder, result);
  }

  /**
   * Puts mounts into a namespace, in this order. They are closed afterwards.
   *
   * @param namespace opened in proc(5); the caller closes it
   * @throws IOException when one cannot be put there; those before it remain
   */
  public static void attach(NativeFile namespace, List<Detached> mounts) throws IOException {
    try (Arena arena = Arena.ofShared()) {
      MemorySegment errno = arena.allocate(CLibrary.STATE);
      MemorySegment empty = arena.allocateFrom("");
      int[] descriptors = mounts.stream().mapToInt(each -> each.mount().descriptor()).toArray();
      MemorySegment[] targets =
          mounts.stream()
              .map(each -> arena.allocateFrom(each.target()))
              .toArray(MemorySegment[]::new);
      // Loads every class now: in the other namespace, the thread would not find its file.
      long _ = unshare(arena, errno, 0);
      long _ = enter(arena, errno, -1);
      long _ = move(arena, errno, -1, empty, empty);
      long[] result = {0};
      joinUninterruptibly(
          Thread.ofPlatform()
              .name("sandbox-mounts")
              .start(
                  () -> {
                    // A thread that shares its working folder cannot enter a mount namespace.
                    long last = unshare(arena, errno, CLONE_FS);
                    if (last >= 0) {
                      last = enter(arena, errno, namespace.descriptor());
                    }
                    for (int each = 0; last >= 0 && each < descriptors.length; each++) {
                      last = move(arena, errno, descriptors[each], empty, targets[each]);
                    }
                    result[0] = last;
                    // It ends here, in the namespace. It has started and woken no other thread,
                    // which would be there too.
                  }));
      long _ = checked("mount in", namespace.path(), result[0]);
    } finally {
      mounts.forEach(Detached::close);
    }
  }

  private static void joinUninterruptibly(Thread thread) {
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static long unshare(Arena arena, MemorySegment errno, int flags) {
    return CLibrary.call(arena, errno, (_, e) -> (int) UNSHARE.invokeExact(e, flags));
  }

  private static long enter(Arena arena, MemorySegment errno, int namespace) {
    return CLibrary.call(
        arena, errno, (_, e) -> (int) SETNS.invokeExact(e, namespace, CLONE_NEWNS));
  }

  private static long move(
      Arena arena, MemorySegment errno, int mount, MemorySegment empty, MemorySegment target) {
    return CLibrary.call(
        arena,
        errno,
        (_, e) ->
            (long)
                MOVE.invokeExact(
                    e, MOVE_MOUNT, mount, empty, WORKING_FOLDER, target, MOVE_EMPTY_PATH));
  }

  private static long checked(String call, Path subject, long result) throws IOException {
    if (result < 0) {
      throw new IOException("%s %s: errno %d".formatted(call, subject, -result));
    }
    return result;
  }
}
