package io.dropserver.sandbox.local;

import io.dropserver.base.text.Sha256;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.state.condition.SandboxReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Map;

/** The name of the cgroup that contains the cgroups of one server's sandboxes. */
public final class CgroupName {
  private static final int HASH_BYTES = 6;

  private CgroupName() {}

  /**
   * Returns a name that is unique to a state folder on this machine, and the same at every start.
   * The path is not unique: servers in several containers have equal paths and can share the
   * cgroups of one machine. The device and the inode of the state folder identify it, and the lock
   * in it excludes other servers.
   *
   * @param runFolder below the state folder
   * @throws SandboxException when the state folder does not exist
   */
  public static String of(Path runFolder) {
    Path run = runFolder.toAbsolutePath().normalize();
    Path state = run.resolveSibling("");
    try {
      Map<String, Object> identity = Files.readAttributes(state, "unix:dev,ino");
      String text = identity.get("dev") + ":" + identity.get("ino") + ":" + run.getFileName();
      return "dropserver-" + HexFormat.of().formatHex(Sha256.of(text), 0, HASH_BYTES);
    } catch (IOException e) {
      throw new SandboxException(
          SandboxReason.CGROUP_FAILED, "cannot read the state folder " + state + ": " + e, e);
    }
  }
}
