package io.dropserver.sandbox.local;

import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.deno.SandboxPaths;
import io.dropserver.sandbox.linux.FileOwner;
import io.dropserver.sandbox.linux.Mounts;
import io.dropserver.schema.instance.Appspace.Isolation;
import io.dropserver.state.AtomicFiles;
import io.dropserver.state.condition.SandboxReason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;

/**
 * Creates and deletes the folders of sandboxes, and changes their owners. Never follows symlinks.
 */
final class SandboxFolders {
  private static final long SOCKETS_BYTES = 64 << 10;
  private static final int SOCKETS_FILES = 96;

  /** The additional space for gVisor: two copies of an appspace's config, and mount points. */
  private static final long GVISOR_BYTES = 512 << 10;

  private static final int GVISOR_FILES = 64;

  private SandboxFolders() {}

  /**
   * Creates the folder of a sandbox with {@code own}, which the sandbox can write, and {@code
   * host}, which it cannot. The folder itself, which also contains the pinned socket, is a small
   * tmpfs where that can be mounted. Otherwise an app could fill the host's disk through {@code
   * own}.
   */
  static void createRunFolders(SandboxConfinement confinement) {
    Path folder = confinement.folder();
    int uid = confinement.spec().uid();
    create(folder, "rwx--x--x");
    if (confinement.spec().isolation() == Isolation.GVISOR) {
      Mounts.memoryForRoot(folder, SOCKETS_BYTES + GVISOR_BYTES, SOCKETS_FILES + GVISOR_FILES);
      createFor(folder.resolve("gvisor"), uid);
    } else {
      Mounts.memory(folder, SOCKETS_BYTES, SOCKETS_FILES);
    }
    create(folder.resolve("overlays"), "rwx--x--x");
    create(folder.resolve("host"), "rwxr-xr-x");
    create(folder.resolve("cover"), "r-xr-xr-x");
    createFor(folder.resolve("own"), uid);
    if (confinement.inspector().isPresent()) {
      createFor(confinement.inspectorFolder(), uid);
    }
  }

  /** Creates the empty folders that the data of an appspace will cover. */
  static void createWaitingFolders(SandboxConfinement confinement) {
    Path data = confinement.spec().dataFolder();
    Path own = data.resolve(SandboxPaths.OWN_FILES);
    // Each one, because the umask of the server closes folders to other users.
    for (Path each : List.of(data, own, own.resolve("location_data"))) {
      create(each, "rwxr-xr-x");
    }
  }

  /**
   * @param mode such as {@code rwx--x--x}
   */
  static void create(Path folder, String mode) {
    try {
      Files.createDirectories(folder);
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString(mode));
    } catch (IOException e) {
      throw failed("create", folder, e);
    }
  }

  static void createFor(Path folder, int uid) {
    create(folder, "rwx------");
    own(folder, uid);
  }

  static void own(Path path, int uid) {
    try {
      FileOwner.set(path, uid);
    } catch (IOException e) {
      throw failed("change the owner of", path, e);
    }
  }

  /**
   * Creates the data folder and Deno's folders inside it, and changes the owner to the appspace's
   * uid. Call it only while no sandbox of the appspace runs, so that no file can be replaced after
   * it was checked.
   *
   * @return the folder of {@code localStorage}
   */
  static Path prepareData(Path data, int uid) {
    try {
      if (!Files.exists(data)) {
        createFor(data, uid);
      }
      if (FileOwner.of(data) != uid) {
        ownAll(data, uid);
      }
      Path own = realFolder(data.resolve(SandboxPaths.OWN_FILES), uid);
      return realFolder(own.resolve("location_data"), uid);
    } catch (IOException | UncheckedIOException e) {
      throw failed("prepare", data, e);
    }
  }

  /**
   * Replaces a symlink. An app may have created a link to a host folder, which would be mounted
   * into its next sandbox.
   */
  private static Path realFolder(Path folder, int uid) throws IOException {
    if (Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
      return folder;
    }
    Files.deleteIfExists(folder);
    createFor(folder, uid);
    return folder;
  }

  private static void ownAll(Path data, int uid) throws IOException {
    try (Stream<Path> all = Files.walk(data)) {
      all.filter(path -> !path.equals(data)).forEach(path -> own(path, uid));
    }
    // The owner of the top folder changes last, because it shows that the whole tree has been
    // handed over.
    own(data, uid);
  }

  static void delete(Path folder) {
    try {
      AtomicFiles.deleteTree(folder);
    } catch (IOException e) {
      throw failed("remove", folder, e);
    }
  }

  private static SandboxException failed(String what, Path path, Exception cause) {
    return new SandboxException(
        SandboxReason.LAUNCH_FAILED, "cannot " + what + " " + path + ": " + cause, cause);
  }
}
