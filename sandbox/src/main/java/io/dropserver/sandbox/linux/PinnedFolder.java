package io.dropserver.sandbox.linux;

import io.dropserver.sandbox.SandboxException;
import io.dropserver.schema.linux.NativeFile;
import io.dropserver.schema.linux.OpenFlags;
import io.dropserver.schema.status.SandboxReason;
import java.io.IOException;
import java.nio.file.Path;

/**
 * An open descriptor of a folder, {@code O_PATH} of open(2), and its path in proc_pid_fd(5).
 * Wherever the folder is, paths of Unix sockets below it stay shorter than the 108 bytes of
 * unix(7).
 */
public final class PinnedFolder implements AutoCloseable {
  private final NativeFile file;

  private PinnedFolder(NativeFile file) {
    this.file = file;
  }

  /**
   * Opens a folder. Follows no symlink at its path.
   *
   * @throws SandboxException reason {@code LaunchFailed} when it cannot be opened
   */
  public static PinnedFolder open(Path folder) {
    try {
      return new PinnedFolder(NativeFile.open(folder, OpenFlags.O_PATH | OpenFlags.O_NOFOLLOW));
    } catch (IOException e) {
      throw new SandboxException(SandboxReason.LAUNCH_FAILED, String.valueOf(e.getMessage()), e);
    }
  }

  /** Returns a path that refers to this folder within this process, until this object is closed. */
  public Path path() {
    return file.path();
  }

  @Override
  public void close() {
    file.close();
  }
}
