package io.dropserver.sandbox.isolation;

import io.dropserver.sandbox.SandboxException;
import io.dropserver.state.condition.SandboxReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Map;

/**
 * Pins a Unix socket in a folder that a sandbox can write. Without this, a sandbox could replace
 * its socket by a symlink to a host socket, which an ordinary connect would follow.
 *
 * <p>A hard link to the inode is created in a folder that only the host can access (link(2) does
 * not follow symlinks), and the inode is checked afterwards. Later changes to the name inside the
 * sandbox have no effect. Unlike the number of a descriptor, the name is never reused for another
 * socket.
 */
public final class PinnedSocket {
  private static final int TYPE = 0170000;
  private static final int SOCKET = 0140000;

  private PinnedSocket() {}

  /**
   * Creates a hard link to the socket at {@code pin}, and checks its type and owner.
   *
   * @param pin created by this method; in a folder that no sandbox can write, on the same file
   *     system
   * @param owner the uid that must own the socket
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
            SandboxReason.NOT_A_SOCKET,
            "the app created something other than its own socket at " + socket);
      }
    } catch (IOException e) {
      throw new SandboxException(SandboxReason.NOT_A_SOCKET, "cannot pin " + socket + ": " + e, e);
    }
  }

  private static int mode(Map<String, Object> attributes) {
    return attributes.get("mode") instanceof Integer mode ? mode : 0;
  }
}
