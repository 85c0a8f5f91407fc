package io.dropserver.sandbox.isolation;

import io.dropserver.sandbox.SandboxException;
import io.dropserver.schema.status.SandboxReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Map;

/**
 * Takes hold of a Unix socket in a folder that a sandbox can write: a sandbox replaced its socket
 * by a symlink to a host socket, and an ordinary connect followed it.
 *
 * <p>A hard link to the very inode is made in a folder of the host's alone (link(2) follows no
 * symlink), and only then the inode is looked at. What the sandbox does to its own name afterwards
 * changes nothing. Unlike a held descriptor, a name is not given to another socket after its end.
 */
public final class PinnedSocket {
  private static final int TYPE = 0170000;
  private static final int SOCKET = 0140000;

  private PinnedSocket() {}

  /**
   * @param pin to be created; in a folder that no sandbox can write, on the same file system
   * @param owner the uid that must have made the socket
   * @throws SandboxException reason {@code NotASocket}; nothing is left at {@code pin}
   */
  public static void pin(Path socket, Path pin, int owner) {
    try {
      Files.createLink(pin, socket);
      Map<String, Object> found =
          Files.readAttributes(pin, "unix:mode,uid", LinkOption.NOFOLLOW_LINKS);
      if ((mode(found) & TYPE) != SOCKET || !Integer.valueOf(owner).equals(found.get("uid"))) {
        Files.delete(pin);
        throw new SandboxException(
            SandboxReason.NOT_ASOCKET,
            "the app made something else than a socket of its own at " + socket);
      }
    } catch (IOException e) {
      throw new SandboxException(
          SandboxReason.NOT_ASOCKET, "cannot take hold of " + socket + ": " + e, e);
    }
  }

  private static int mode(Map<String, Object> attributes) {
    return attributes.get("mode") instanceof Integer mode ? mode : 0;
  }
}
