package io.dropserver.sandbox.isolation;

import io.dropserver.base.linux.NativeFile;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.linux.Mounts;
import io.dropserver.sandbox.linux.Namespaces;
import io.dropserver.sandbox.linux.PinnedFolders;
import io.dropserver.state.condition.SandboxReason;
import java.io.IOException;
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
 * Mount namespaces at two levels, see mount_namespaces(7). The first belongs to the server, so that
 * its mounts disappear when it is killed. The second belongs to the processes of sandboxes, and
 * makes certain folders reachable for all users.
 *
 * <p>The second is needed because sandboxes run as separate users, and bubblewrap resolves bind
 * sources as that user. It could not resolve them below a folder of mode 0700, such as root's home
 * or a temporary folder. So a thread enters its own mount namespace with unshare(2), which the
 * processes of sandboxes enter later, see {@link FolderView}. There, an empty file system covers
 * the closed folder and contains only the path to the required folders. The host's view does not
 * change, and nothing is left when the process is killed.
 */
public final class MountNamespace {
  private MountNamespace() {}

  /**
   * Moves the calling platform thread, and all threads and processes that it starts from then on,
   * into a separate mount namespace. Call it before the server starts other threads.
   *
   * @return whether it succeeded; ordinary users, and root in most containers, lack the permission
   */
  public static boolean enterOwn() {
    return Namespaces.enterNewMounts() == 0 && Mounts.makeSlave() == 0 && Mounts.makeShared() == 0;
  }

  /** Returns the outermost parent of this folder that other users cannot search. */
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
   * Moves the calling platform thread, and the processes that it starts, into a mount namespace in
   * which all users can reach these folders. Does nothing if all users can already reach them.
   *
   * @param folders absolute, existing
   * @throws SandboxException reason {@code IsolationUnavailable} when the kernel refuses
   */
  static void enter(List<Path> folders) {
    List<Path> closed = folders.stream().filter(f -> closedParent(f).isPresent()).toList();
    if (closed.isEmpty()) {
      return;
    }
    require(Namespaces.enterNewMounts(), "unshare its mounts");
    require(Mounts.makeSlave(), "keep its mounts to itself");
    List<NativeFile> opened = new ArrayList<>();
    try {
      // Opened before a folder is covered, and in this namespace, because mount(2) refuses a bind
      // source from another namespace.
      closed.forEach(folder -> opened.add(PinnedFolders.open(folder)));
      cover(closed);
      for (int i = 0; i < closed.size(); i++) {
        make(closed.get(i));
        require(Mounts.bind(opened.get(i).path(), closed.get(i)), "mount on " + closed.get(i));
      }
    } finally {
      opened.forEach(NativeFile::close);
    }
  }

  private static void cover(List<Path> closed) {
    Set<Path> covers = new HashSet<>();
    closed.forEach(folder -> closedParent(folder).ifPresent(covers::add));
    for (Path cover : covers) {
      require(Mounts.empty(cover), "mount tmpfs on " + cover);
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

  private static void require(int errno, String what) {
    if (errno != 0) {
      throw refused(what, "errno " + errno);
    }
  }

  private static SandboxException refused(String what, String why) {
    return new SandboxException(
        SandboxReason.ISOLATION_UNAVAILABLE,
        "sandboxes cannot reach their folders, and this machine does not allow the server to "
            + what
            + " ("
            + why
            + "); instead, let other users traverse the folders above the state folder and Deno:"
            + " chmod o+x each of these folders");
  }
}
