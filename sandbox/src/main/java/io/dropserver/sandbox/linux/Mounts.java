package io.dropserver.sandbox.linux;

import static io.dropserver.base.linux.CLibrary.INT;
import static io.dropserver.base.linux.CLibrary.LONG;
import static io.dropserver.base.linux.CLibrary.POINTER;

import io.dropserver.base.linux.CLibrary;
import io.dropserver.base.linux.NativeFile;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.state.condition.SandboxReason;
import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Mounts and unmounts file systems, mount(2) and umount2(2), and reads the mount table,
 * proc_pid_mountinfo(5). Safe for use by several threads.
 */
public final class Mounts {
  private static final long RDONLY_NOSUID_NOATIME = 1 | 2 | 1024;
  private static final long NOSUID_NODEV = 2 | 4;
  private static final long NOEXEC = 8;
  private static final long BIND = 0x1000;
  private static final long RECURSIVE = 0x4000;
  private static final long SLAVE = 1 << 19;
  private static final long SHARED = 1 << 20;
  private static final int DETACH_NOFOLLOW = 2 | 8;
  private static final int MOUNT_POINT = 4;

  private static final MethodHandle MOUNT =
      CLibrary.function("mount", INT, POINTER, POINTER, POINTER, LONG, POINTER);
  private static final MethodHandle UMOUNT = CLibrary.function("umount2", INT, POINTER, INT);

  private Mounts() {}

  /**
   * Mounts a small file system in memory, tmpfs(5), over a folder.
   *
   * @return false when this process may not mount, for lack of {@code CAP_SYS_ADMIN}
   */
  public static boolean memory(Path folder, long bytes, int files) {
    return memory(folder, bytes, files, NOSUID_NODEV | NOEXEC);
  }

  /**
   * Like {@link #memory(Path, long, int)} without {@code noexec}, for a folder that becomes
   * gVisor's root. gVisor remounts its root read-only without {@code noexec}, and a process in a
   * user namespace may not clear that flag.
   */
  public static boolean memoryForRoot(Path folder, long bytes, int files) {
    return memory(folder, bytes, files, NOSUID_NODEV);
  }

  /**
   * Mounts an empty file system in memory, with the default limits of tmpfs(5), over a folder.
   *
   * @return 0, or the errno of mount(2)
   */
  public static int empty(Path folder) {
    return mount("tmpfs", folder, "tmpfs", NOSUID_NODEV, "");
  }

  /**
   * Mounts a read-only overlay of folders, which may contain devices, over another folder. Reading
   * through it updates no access time.
   *
   * @param layers at least two, because there is no upper layer; each layer hides the layers after
   *     it
   * @return 0, or the errno of mount(2)
   * @throws SandboxException reason {@code LaunchFailed} when a layer cannot be opened
   */
  public static int overlay(Path folder, List<Path> layers) {
    List<NativeFile> opened = new ArrayList<>();
    try {
      // Paths of layers may contain colons and commas, and apps can read the mount table.
      layers.forEach(layer -> opened.add(PinnedFolders.open(layer)));
      String lower =
          opened.stream().map(file -> file.path().toString()).collect(Collectors.joining(":"));
      return mount("overlay", folder, "overlay", RDONLY_NOSUID_NOATIME, "lowerdir=" + lower);
    } finally {
      opened.forEach(NativeFile::close);
    }
  }

  /**
   * Bind-mounts a folder, with all mounts below it, at another path.
   *
   * @return 0, or the errno of mount(2)
   */
  public static int bind(Path source, Path target) {
    return mount(source.toString(), target, "", BIND | RECURSIVE, "");
  }

  /**
   * Makes all mounts of this namespace slaves, mount_namespaces(7). Later mounts of this namespace
   * do not propagate to its parent namespace, but mounts of the parent still propagate here.
   *
   * @return 0, or the errno of mount(2)
   */
  public static int makeSlave() {
    return mount("none", Path.of("/"), "", RECURSIVE | SLAVE, "");
  }

  /**
   * Makes all mounts of this namespace shared. Later mounts of this namespace propagate to the
   * namespaces that are copied from it.
   *
   * @return 0, or the errno of mount(2)
   */
  public static int makeShared() {
    return mount("none", Path.of("/"), "", RECURSIVE | SHARED, "");
  }

  private static boolean memory(Path folder, long bytes, int files, long flags) {
    String options = "size=" + bytes + ",nr_inodes=" + files + ",mode=0711";
    return mount("tmpfs", folder, "tmpfs", flags, options) == 0;
  }

  private static int mount(String source, Path folder, String type, long flags, String options) {
    return (int)
        -CLibrary.call(
            (memory, errno) ->
                (int)
                    MOUNT.invokeExact(
                        errno,
                        memory.allocateFrom(source),
                        memory.allocateFrom(folder.toString()),
                        memory.allocateFrom(type),
                        flags,
                        memory.allocateFrom(options)));
  }

  /**
   * Unmounts a folder lazily, {@code MNT_DETACH}: the mount ends when no process uses it. Does
   * nothing if the folder is not a mount point.
   */
  public static void detach(Path folder) {
    long result =
        CLibrary.call(
            (memory, errno) ->
                (int)
                    UMOUNT.invokeExact(
                        errno, memory.allocateFrom(folder.toString()), DETACH_NOFOLLOW));
    try {
      if (result != 0 && Files.exists(folder) && isMountPoint(folder)) {
        throw new SandboxException(
            SandboxReason.LAUNCH_FAILED, "cannot unmount " + folder + ": errno " + -result);
      }
    } catch (IOException e) {
      throw new SandboxException(
          SandboxReason.LAUNCH_FAILED, "cannot read the mount table: " + e, e);
    }
  }

  /** Unmounts every mount below a folder lazily, such as those that a killed server left. */
  public static void detachBelow(Path folder) {
    below(folder).forEach(Mounts::detach);
  }

  /** Returns the mount points below a folder, the deepest first, without the folder itself. */
  public static List<Path> below(Path folder) {
    try {
      Path real = Files.exists(folder) ? folder.toRealPath() : folder.toAbsolutePath().normalize();
      return mountPoints().stream()
          .filter(mount -> mount.startsWith(real) && !mount.equals(real))
          .sorted((one, other) -> Integer.compare(other.getNameCount(), one.getNameCount()))
          .toList();
    } catch (IOException e) {
      throw new SandboxException(
          SandboxReason.LAUNCH_FAILED, "cannot read the mount table: " + e, e);
    }
  }

  private static boolean isMountPoint(Path folder) throws IOException {
    try {
      return mountPoints().contains(folder.toRealPath());
    } catch (NoSuchFileException deletedMeanwhile) {
      return false;
    }
  }

  private static List<Path> mountPoints() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/mountinfo")).stream()
        .map(line -> Path.of(unescape(line.split(" ", -1)[MOUNT_POINT])))
        .toList();
  }

  /**
   * Decodes spaces, tabs, line feeds and backslashes, which the mount table contains as octal
   * escapes.
   */
  private static String unescape(String text) {
    return text.replace("\\040", " ")
        .replace("\\011", "\t")
        .replace("\\012", "\n")
        .replace("\\134", "\\");
  }
}
