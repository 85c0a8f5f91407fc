package io.dropserver.sandbox.linux;

import io.dropserver.base.linux.NativeFile;
import io.dropserver.base.linux.OpenFlags;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.state.condition.SandboxReason;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Opens descriptors of folders, {@code O_PATH} of open(2). Wherever a folder is, paths of Unix
 * sockets below {@link NativeFile#path()} stay shorter than the 108 bytes of unix(7).
 */
public final class PinnedFolders {
  private PinnedFolders() {}

  /**
   * Opens a folder. Follows no symlink at its path.
   *
   * @throws SandboxException reason {@code LaunchFailed} when it cannot be opened
   */
  public static NativeFile open(Path folder) {
    try {
      return NativeFile.open(folder, OpenFlags.O_PATH | OpenFlags.O_NOFOLLOW);
    } catch (IOException e) {
      throw new SandboxException(SandboxReason.LAUNCH_FAILED, String.valueOf(e.getMessage()), e);
    }
  }
}
