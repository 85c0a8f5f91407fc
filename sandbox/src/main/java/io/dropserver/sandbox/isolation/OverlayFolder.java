package io.dropserver.sandbox.isolation;

import io.dropserver.sandbox.linux.Mounts;
import io.dropserver.state.AtomicFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** The mount folder for the {@link Overlays} of one sandboxed process. Closing it unmounts them. */
public final class OverlayFolder implements AutoCloseable {
  /** The size of the file system, which contains only mount points. */
  private static final long BYTES = 64 << 10;

  private static final int FILES = 64;

  private final Path path;

  private OverlayFolder(Path path) {
    this.path = path;
  }

  /**
   * @param parent every sandbox's user must be able to search it
   */
  static OverlayFolder in(Path parent) throws IOException {
    Path folder = Files.createTempDirectory(parent, "overlays");
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    var _ = Mounts.memory(folder, BYTES, FILES);
    return new OverlayFolder(folder);
  }

  public Path path() {
    return path;
  }

  @Override
  public void close() throws IOException {
    Mounts.detach(path);
    AtomicFiles.deleteTree(path);
  }
}
