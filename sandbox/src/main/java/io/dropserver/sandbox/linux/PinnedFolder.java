package io.dropserver.sandbox.linux;

import java.nio.file.Path;

/**
 * A folder reached by an open descriptor, so that the paths of Unix sockets below it stay shorter
 * than the 108 bytes of unix(7) wherever it lies.
 */
public final class PinnedFolder implements AutoCloseable {
  private final NativeFile file;

  private PinnedFolder(NativeFile file) {
    this.file = file;
  }

  public static PinnedFolder open(Path folder) {
    return new PinnedFolder(NativeFile.open(folder, NativeFile.O_PATH_NOFOLLOW));
  }

  /** Means this folder inside this process, until closed. */
  public Path path() {
    return file.path();
  }

  @Override
  public void close() {
    file.close();
  }
}
