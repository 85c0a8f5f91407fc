package io.dropserver.sandbox.isolation;

import java.nio.file.Path;

/**
 * A folder that is accessed through an open descriptor, so that paths of Unix sockets below it
 * never exceed the limit of 108 bytes, see unix(7).
 */
public final class PinnedFolder implements AutoCloseable {
  private final NativeFile file;

  private PinnedFolder(NativeFile file) {
    this.file = file;
  }

  public static PinnedFolder open(Path folder) {
    return new PinnedFolder(NativeFile.open(folder, NativeFile.O_PATH_NOFOLLOW));
  }

  /** Refers to this folder, inside this process and until closed. */
  public Path path() {
    return file.path();
  }

  @Override
  public void close() {
    file.close();
  }
}
