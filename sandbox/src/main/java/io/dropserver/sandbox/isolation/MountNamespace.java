package io.dropserver.sandbox.isolation;

import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.linux.NativeFile;
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
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Mounts of the server's own, mount_namespaces(7), at two levels: the server's, so that what it
 * mounts is gone when it is killed; and that of the thread which starts sandboxes, in which every
 * user can pass through to certain folders.
 *
 * <p>Why the second: sandboxes run as users of their own, and bubblewrap resolves what it binds as
 * that user. Below a folder such as root's home or a temporary one of mode 0700 it would find
 * nothing. So the thread that starts sandboxes enters a mount namespace of its own, unshare(2), in
 * which an empty file system lies over the closed folder, with nothing in it but the way to the
 * folders that are needed. The host's own view stays as it is, and nothing is left when the process
 * is killed.
 */
public final class MountNamespace {
  private static final int CLONE_NEWNS = 0x0002_0000;
  private static final long MS_NOSUID = 2;
  private static final long MS_NODEV = 4;
  private static final long MS_BIND = 0x1000;
  private static final long MS_REC = 0x4000;

  /** What is mounted above later is seen here; what is mounted here stays here. */
  private static final long MS_SLAVE = 1 << 19;

  /** What is mounted here later is seen by namespaces made from this one. */
  private static final long MS_SHARED = 1 << 20;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final MemoryLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
  private static final MethodHandle UNSHARE =
      LINKER.downcallHandle(
          LINKER.defaultLookup().findOrThrow("unshare"),
          FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT),
          Linker.Option.captureCallState("errno"));
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

  private MountNamespace() {}

  /**
   * Gives the calling platform thread, and all threads and processes that it starts from then on,
   * mounts of their own. To be called before the server starts any.
   *
   * @return whether it was done; an ordinary user, and root in most containers, may not
   */
  public static boolean enterOwn() {
    try {
      unshare();
      mount("none", Path.of("/"), "", MS_REC | MS_SLAVE);
      mount("none", Path.of("/"), "", MS_REC | MS_SHARED);
      return true;
    } catch (SandboxException refused) {
      return false;
    }
  }

  /** The outermost folder on the way to this one that other users cannot pass through. */
  static Optional<Path> closedParent(Path folder) {
    Path way = folder.getRoot();
    for (Path name : folder.toAbsolutePath()) {
      way = way.resolve(name);
      if (!way.equals(folder) && !isPassable(way)) {
        return Optional.of(way);
      }
    }
    return Optional.empty();
  }

  /**
   * Puts the calling platform thread, and the processes that it starts, into such a view. Does
   * nothing where all folders can be reached.
   *
   * @param folders absolute, existing
   * @throws SandboxException reason {@code IsolationUnavailable} when the kernel refuses
   */
  static void enter(List<Path> folders) {
    List<Path> closed = folders.stream().filter(f -> closedParent(f).isPresent()).toList();
    if (closed.isEmpty()) {
      return;
    }
    unshare();
    mount("none", Path.of("/"), "", MS_REC | MS_SLAVE);
    List<NativeFile> opened = new ArrayList<>();
    try {
      // Opened before anything is covered, and in this namespace: mount(2) takes no other's.
      closed.forEach(folder -> opened.add(NativeFile.open(folder, NativeFile.O_PATH_NOFOLLOW)));
      cover(closed);
      for (int i = 0; i < closed.size(); i++) {
        make(closed.get(i));
        mount(opened.get(i).path().toString(), closed.get(i), "", MS_BIND | MS_REC);
      }
    } finally {
      opened.forEach(NativeFile::close);
    }
  }

  private static void cover(List<Path> closed) {
    Set<Path> covers = new HashSet<>();
    closed.forEach(folder -> closedParent(folder).ifPresent(covers::add));
    for (Path cover : covers) {
      mount("tmpfs", cover, "tmpfs", MS_NOSUID | MS_NODEV);
      makePassable(cover);
    }
  }

  private static void make(Path folder) {
    Path way = folder.getRoot();
    for (Path name : folder) {
      way = way.resolve(name);
      if (!Files.exists(way)) {
        try {
          Files.createDirectory(way);
        } catch (IOException e) {
          throw refused("make " + way, e.toString());
        }
        makePassable(way);
      }
    }
  }

  private static void makePassable(Path folder) {
    try {
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    } catch (IOException e) {
      throw refused("open " + folder, e.toString());
    }
  }

  private static boolean isPassable(Path folder) {
    try {
      return Files.getPosixFilePermissions(folder).contains(PosixFilePermission.OTHERS_EXECUTE);
    } catch (IOException e) {
      return false;
    }
  }

  private static void unshare() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      if ((int) UNSHARE.invokeExact(state, CLONE_NEWNS) < 0) {
        throw refused("unshare its mounts", "errno " + (int) ERRNO.get(state, 0L));
      }
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable impossible) {
      throw new AssertionError(impossible);
    }
  }

  private static void mount(String source, Path target, String type, long flags) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      int result =
          (int)
              MOUNT.invokeExact(
                  state,
                  arena.allocateFrom(source),
                  arena.allocateFrom(target.toString()),
                  arena.allocateFrom(type),
                  flags,
                  MemorySegment.NULL);
      if (result < 0) {
        throw refused("mount " + source + " on " + target, "errno " + (int) ERRNO.get(state, 0L));
      }
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable impossible) {
      throw new AssertionError(impossible);
    }
  }

  private static SandboxException refused(String what, String why) {
    return new SandboxException(
        "IsolationUnavailable",
        "sandboxes cannot reach their folders, and this machine does not let the server "
            + what
            + " ("
            + why
            + "); let other users pass through to the state folder and to Deno instead: chmod o+x"
            + " each folder above them");
  }
}
