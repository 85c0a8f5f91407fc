package io.dropserver.sandbox.linux;

import io.dropserver.sandbox.SandboxException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Mounting and unmounting by mount(2) and umount2(2). Safe for use by several threads. */
public final class Mounts {
  private static final long NOSUID_NODEV = 2 | 4;
  private static final long NOEXEC = 8;
  private static final long RDONLY_NOSUID_NOATIME = 1 | 2 | 1024;
  private static final int DETACH_NOFOLLOW = 2 | 8;
  private static final int MOUNT_POINT = 4;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final MemoryLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
  private static final MethodHandle MOUNT =
      LINKER.downcallHandle(
          LINKER.defaultLookup().findOrThrow("mount"),
          FunctionDescriptor.of(
              ValueLayout.JAVA_INT,
              ValueLayout.ADDRESS,
              ValueLayout.ADDRESS,
              ValueLayout.ADDRESS,
              ValueLayout.JAVA_LONG,
              ValueLayout.ADDRESS),
          Linker.Option.captureCallState("errno"));
  private static final MethodHandle UMOUNT =
      LINKER.downcallHandle(
          LINKER.defaultLookup().findOrThrow("umount2"),
          FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT),
          Linker.Option.captureCallState("errno"));

  private Mounts() {}

  /**
   * Mounts a small file system in memory over a folder.
   *
   * @return whether this process may; without {@code CAP_SYS_ADMIN} nothing happens
   */
  public static boolean memory(Path folder, long bytes, int files) {
    return memory(folder, bytes, files, NOSUID_NODEV | NOEXEC);
  }

  /**
   * The same for a folder that gVisor makes a root of: it remounts that read-only without naming
   * {@code noexec}, which in a user namespace may not be taken away.
   */
  public static boolean memoryForRoot(Path folder, long bytes, int files) {
    return memory(folder, bytes, files, NOSUID_NODEV);
  }

  /**
   * Mounts a read-only overlay of folders, which may hold devices, over another folder. Nothing
   * below it updates an access time.
   *
   * @param layers at least two, since there is no upper one; the first hides those after it
   * @return 0, or the errno of mount(2)
   */
  public static int overlay(Path folder, List<Path> layers) {
    List<NativeFile> opened = new ArrayList<>();
    try {
      // Their paths may hold colons and commas, and the mount table is for apps to read.
      layers.forEach(layer -> opened.add(NativeFile.open(layer, NativeFile.O_PATH_NOFOLLOW)));
      String lower =
          opened.stream().map(file -> file.path().toString()).collect(Collectors.joining(":"));
      return mount("overlay", folder, RDONLY_NOSUID_NOATIME, "lowerdir=" + lower);
    } finally {
      opened.forEach(NativeFile::close);
    }
  }

  private static boolean memory(Path folder, long bytes, int files, long flags) {
    String options = "size=" + bytes + ",nr_inodes=" + files + ",mode=0711";
    return mount("tmpfs", folder, flags, options) == 0;
  }

  private static int mount(String type, Path folder, long flags, String options) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      MemorySegment name = arena.allocateFrom(type);
      int result =
          (int)
              MOUNT.invokeExact(
                  state,
                  name,
                  arena.allocateFrom(folder.toString()),
                  name,
                  flags,
                  arena.allocateFrom(options));
      return result == 0 ? 0 : (int) ERRNO.get(state, 0L);
    } catch (Throwable e) {
      throw new SandboxException("LaunchFailed", "cannot call mount(2)", e);
    }
  }

  /**
   * Takes a mount away as soon as nothing uses it any more; nothing happens where there is none.
   */
  public static void detach(Path folder) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      int result =
          (int) UMOUNT.invokeExact(state, arena.allocateFrom(folder.toString()), DETACH_NOFOLLOW);
      if (result != 0 && Files.exists(folder) && isMountPoint(folder)) {
        throw new SandboxException(
            "LaunchFailed", "cannot unmount " + folder + ": errno " + (int) ERRNO.get(state, 0L));
      }
    } catch (SandboxException e) {
      throw e;
    } catch (Throwable e) {
      throw new SandboxException("LaunchFailed", "cannot call umount2(2)", e);
    }
  }

  /** Takes away every mount below a folder: what a server that was killed left. */
  public static void detachBelow(Path folder) {
    below(folder).forEach(Mounts::detach);
  }

  /** Mount points strictly below a folder, the deepest first, proc_pid_mountinfo(5). */
  public static List<Path> below(Path folder) {
    try {
      Path real = Files.exists(folder) ? folder.toRealPath() : folder.toAbsolutePath().normalize();
      return mountPoints().stream()
          .filter(mount -> mount.startsWith(real) && !mount.equals(real))
          .sorted((one, other) -> Integer.compare(other.getNameCount(), one.getNameCount()))
          .toList();
    } catch (IOException e) {
      throw new SandboxException("LaunchFailed", "cannot read the mount table: " + e, e);
    }
  }

  private static boolean isMountPoint(Path folder) throws IOException {
    return mountPoints().contains(folder.toRealPath());
  }

  private static List<Path> mountPoints() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/mountinfo")).stream()
        .map(line -> Path.of(unescape(line.split(" ", -1)[MOUNT_POINT])))
        .toList();
  }

  /** Blanks, tabs, line feeds and backslashes are written in octal. */
  private static String unescape(String text) {
    return text.replace("\\040", " ")
        .replace("\\011", "\t")
        .replace("\\012", "\n")
        .replace("\\134", "\\");
  }
}
