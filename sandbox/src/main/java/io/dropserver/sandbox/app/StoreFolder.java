package io.dropserver.sandbox.app;

import io.dropserver.state.AtomicFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * The layout of the store: {@code <root>/<contentId>/<toolchain>/} for complete versions, {@code
 * <root>/.tmp/} for everything else. Each folder moves from one to the other by a single rename.
 */
final class StoreFolder {
  private static final String TEMPORARY = ".tmp";

  private final Path root;
  private final String toolchain;

  /** The next folder name in the temporary folder, which is empty when the store opens. */
  private final AtomicInteger unfinished = new AtomicInteger();

  private StoreFolder(Path root, String toolchain) {
    this.root = root;
    this.toolchain = toolchain;
  }

  /** Creates the folder, and removes unfinished installations of an earlier process. */
  static StoreFolder open(Path root, String toolchain) throws IOException {
    StoreFolder folder = new StoreFolder(root, toolchain);
    FileTree.delete(folder.temporary());
    FolderAccess.passable(root);
    FolderAccess.passable(folder.temporary());
    return folder;
  }

  @Override
  public String toString() {
    return root.toString();
  }

  Path temporary() {
    return root.resolve(TEMPORARY);
  }

  /**
   * Creates a folder for a new installation. Its name is short, because the path of a socket below
   * it is limited to 108 bytes, see unix(7).
   */
  InstallFolder begin() throws IOException {
    var install = new InstallFolder(nextTemporaryFolder());
    FolderAccess.passable(install.root());
    FolderAccess.passable(install.files());
    return install;
  }

  /** Returns the location of a content for this toolchain, whether or not it exists. */
  InstallFolder locationOf(String contentId) {
    return new InstallFolder(root.resolve(contentId).resolve(toolchain));
  }

  /**
   * Returns an installation of the same content by an older Deno or runtime. After an upgrade of
   * Dropserver, caches are built from it without access to the app's origin or a registry.
   */
  Optional<InstallFolder> earlier(String contentId) throws IOException {
    Path content = root.resolve(contentId);
    if (!Files.isDirectory(content)) {
      return Optional.empty();
    }
    for (Path other : children(content)) {
      var install = new InstallFolder(other);
      if (Descriptor.read(install.descriptor()).isPresent()) {
        return Optional.of(install);
      }
    }
    return Optional.empty();
  }

  /** Makes an installation read-only, durable and, as the last step, visible. */
  void publish(InstallFolder install, String contentId) throws IOException {
    FileTree.seal(install.root());
    // Unless the owner is root, a folder can be moved only while its owner may write to it:
    // rename(2).
    FolderAccess.passable(install.root());
    AtomicFiles.syncFileSystem(install.root());
    FolderAccess.passable(root.resolve(contentId));
    Path place = locationOf(contentId).root();
    if (Files.exists(place)) {
      remove(place);
    }
    Files.move(install.root(), place, StandardCopyOption.ATOMIC_MOVE);
    AtomicFiles.syncFileSystem(root);
  }

  List<String> contents() throws IOException {
    return children(root).stream().map(path -> path.getFileName().toString()).toList();
  }

  /** Records the last use as the folder's modification time, so that it survives a restart. */
  void recordUse(String contentId, Instant now) throws IOException {
    Files.setLastModifiedTime(root.resolve(contentId), FileTime.from(now));
  }

  boolean unusedSince(String contentId, Instant limit) throws IOException {
    return Files.getLastModifiedTime(root.resolve(contentId)).toInstant().isBefore(limit);
  }

  /** Removes a content atomically, even if the process ends during the removal. */
  void removeContent(String contentId) throws IOException {
    remove(root.resolve(contentId));
  }

  /**
   * Removes installations of the same content by older toolchains, once the current one is complete
   * and older than the grace period.
   */
  void removeEarlier(String contentId, Instant now, Duration grace) throws IOException {
    Path current = locationOf(contentId).root();
    if (!Files.exists(current)
        || Files.getLastModifiedTime(current).toInstant().plus(grace).isAfter(now)) {
      return;
    }
    for (Path other : children(root.resolve(contentId))) {
      if (!other.equals(current)) {
        remove(other);
      }
    }
  }

  private void remove(Path folder) throws IOException {
    Path trash = nextTemporaryFolder();
    Files.move(folder, trash, StandardCopyOption.ATOMIC_MOVE);
    FileTree.delete(trash);
  }

  private Path nextTemporaryFolder() {
    return temporary().resolve(Integer.toString(unfinished.incrementAndGet(), Character.MAX_RADIX));
  }

  private static List<Path> children(Path folder) throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.filter(path -> !path.endsWith(TEMPORARY)).toList();
    }
  }
}
