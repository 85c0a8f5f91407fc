package io.dropserver.sandbox.linux;

import static io.dropserver.base.linux.CLibrary.LONG;
import static io.dropserver.base.linux.CLibrary.POINTER;

import io.dropserver.base.concurrent.Threads;
import io.dropserver.base.linux.CLibrary;
import io.dropserver.base.linux.NativeFile;
import io.dropserver.base.linux.OpenFlags;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Mounts folders in a mount namespace that processes already use: open_tree(2), mount_setattr(2)
 * and move_mount(2), by their numbers, because older C libraries lack them. Requires root.
 * Thread-safe.
 */
public final class NamespaceMounts {
  private static final long OPEN_TREE = 428;
  private static final long MOVE_MOUNT = 429;
  private static final long MOUNT_SETATTR = 442;

  private static final long WORKING_FOLDER = -100;
  private static final long EMPTY_PATH = 0x1000;
  private static final int CLONE_TREE = 1;
  private static final long MOVE_EMPTY_PATH = 4;

  private static final long READ_ONLY = 1;
  private static final long NO_SUID_NO_DEVICES = 2 | 4;
  private static final long ID_MAP = 0x10_0000;
  private static final long PRIVATE = 1 << 18;

  /** The C library of Ubuntu 22.04 has no functions for these calls. */
  private static final MethodHandle SYSCALL =
      CLibrary.variadic("syscall", 1, LONG, LONG, LONG, POINTER, LONG, POINTER, LONG);

  private static final long ENOSYS = 38;

  private NamespaceMounts() {}

  /** Returns whether the kernel can show files as those of another user, at least in ext4. */
  public static boolean canMapOwners() {
    long result =
        CLibrary.call(
            (memory, errno) ->
                (long)
                    SYSCALL.invokeExact(
                        errno,
                        MOUNT_SETATTR,
                        -1L,
                        memory.allocateFrom(""),
                        EMPTY_PATH,
                        MemorySegment.NULL,
                        0L));
    return result != -ENOSYS;
  }

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
                    SYSCALL.invokeExact(
                        errno,
                        OPEN_TREE,
                        WORKING_FOLDER,
                        memory.allocateFrom(folder.toString()),
                        (long) (CLONE_TREE | OpenFlags.O_CLOEXEC),
                        MemorySegment.NULL,
                        0L));
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
                  SYSCALL.invokeExact(
                      errno,
                      MOUNT_SETATTR,
                      (long) mount.descriptor(),
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
    try {
      // Loads every class now: in the namespace, the thread would not find its file.
      long _ = inThread(() -> enterAndMove(-1, mounts) + move(-1, ""));
      long result = inThread(() -> enterAndMove(namespace.descriptor(), mounts));
      long _ = checked("mount in", namespace.path(), result);
    } finally {
      mounts.forEach(Detached::close);
    }
  }

  /**
   * Makes calls in a thread that ends afterwards, in the namespace that it has entered. The calls
   * start and wake no other thread, which would be there too.
   */
  private static long inThread(LongSupplier calls) {
    long[] result = {0};
    Threads.joinUninterruptibly(
        Thread.ofPlatform().name("sandbox-mounts").start(() -> result[0] = calls.getAsLong()));
    return result[0];
  }

  /** Returns 0 or more, or a negated errno(3). */
  private static long enterAndMove(int namespace, List<Detached> mounts) {
    long result = -Namespaces.enterMounts(namespace);
    for (int each = 0; result >= 0 && each < mounts.size(); each++) {
      result = move(mounts.get(each).mount().descriptor(), mounts.get(each).target());
    }
    return result;
  }

  private static long move(int mount, String target) {
    return CLibrary.call(
        (memory, errno) ->
            (long)
                SYSCALL.invokeExact(
                    errno,
                    MOVE_MOUNT,
                    (long) mount,
                    memory.allocateFrom(""),
                    WORKING_FOLDER,
                    memory.allocateFrom(target),
                    MOVE_EMPTY_PATH));
  }

  private static long checked(String call, Path subject, long result) throws IOException {
    if (result < 0) {
      throw new IOException("%s %s: errno %d".formatted(call, subject, -result));
    }
    return result;
  }
}
