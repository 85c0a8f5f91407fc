package io.dropserver.sandbox.isolation;

import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.linux.Mounts;
import io.dropserver.state.condition.SandboxReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Read-only overlays of one sandbox over files that several sandboxes share. The files of an
 * overlay have their own inodes (overlayfs.rst of the kernel). So a lock, a lease or a watch is not
 * visible in another sandbox, and reads do not change a shared access time. Without overlays, two
 * appspaces exchanged 50 bits per second with flock(2) on a file that both could open.
 *
 * <p>The page cache is that of the lower layer, so that sandboxes share memory.
 */
final class Overlays {
  /** The layer that contains the mount points. */
  private static final String POINTS = "points";

  private final Path folder;
  private final Path system;
  private final Map<Path, Path> mounted = new HashMap<>();
  private boolean complete = true;

  /**
   * @param folder empty; the caller unmounts everything that is mounted in it
   * @param system see {@link SystemTree}
   */
  Overlays(Path folder, Path system) {
    this.folder = folder;
    this.system = system;
  }

  /** Mounts the root of the sandbox: the system tree and a mount point for each bind. */
  Path root(List<Bind> binds) {
    makeFolder(POINTS + "/proc");
    makeFolder(POINTS + "/tmp");
    for (Bind bind : binds) {
      if (!isInSystem(bind)) {
        makePoint(bind);
      }
    }
    Path root = makeFolder("root");
    int errno = Mounts.overlay(root, List.of(folder.resolve(POINTS), system));
    if (errno != 0) {
      throw new SandboxException(
          SandboxReason.LAUNCH_FAILED, "cannot mount an overlay of " + system + ": errno " + errno);
    }
    return root;
  }

  /** Returns whether every shared bind has an overlay. */
  boolean isComplete() {
    return complete;
  }

  /** Replaces shared binds by overlays of this sandbox. Omits binds that are part of the root. */
  List<Bind> over(List<Bind> binds) {
    return binds.stream().filter(bind -> !isInSystem(bind)).map(this::over).toList();
  }

  private Bind over(Bind bind) {
    if (bind.access() != Bind.Access.READ_SHARED) {
      return bind;
    }
    Path source = bind.source();
    Path parent = source.resolveSibling("");
    Path overlay = mounted.computeIfAbsent(parent, this::mountOnly);
    return Bind.readOnly(overlay.resolve(source.getFileName()), bind.target());
  }

  private boolean isInSystem(Bind bind) {
    return bind.source().equals(system.resolve(bind.target().substring(1)));
  }

  /**
   * Mounts an overlay of one folder. A file system that cannot be an overlay layer, such as an
   * overlay of overlays, is used directly.
   */
  private Path mountOnly(Path shared) {
    Path target = makeFolder(Integer.toString(mounted.size()));
    if (Mounts.overlay(target, List.of(makeFolder("empty"), shared)) == 0) {
      return target;
    }
    complete = false;
    return shared;
  }

  private void makePoint(Bind bind) {
    String point = POINTS + bind.target();
    if (Files.isDirectory(bind.source())) {
      makeFolder(point);
      return;
    }
    int slash = point.lastIndexOf('/');
    Path file = makeFolder(point.substring(0, slash)).resolve(point.substring(slash + 1));
    try {
      if (!Files.exists(file)) {
        Files.createFile(file);
      }
    } catch (IOException e) {
      throw failed(file, e);
    }
  }

  /**
   * Creates each folder of the path separately, because the sandbox's user must be able to search
   * all of them.
   */
  private Path makeFolder(String name) {
    Path made = folder;
    try {
      for (Path part : Path.of(name)) {
        made = made.resolve(part);
        if (!Files.isDirectory(made)) {
          Files.createDirectory(made);
          Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
      }
      return made;
    } catch (IOException e) {
      throw failed(made, e);
    }
  }

  private static SandboxException failed(Path path, IOException cause) {
    return new SandboxException(
        SandboxReason.LAUNCH_FAILED, "cannot make " + path + ": " + cause, cause);
  }
}
