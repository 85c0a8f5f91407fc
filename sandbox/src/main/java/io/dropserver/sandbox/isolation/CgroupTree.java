package io.dropserver.sandbox.isolation;

import io.dropserver.sandbox.SandboxException;
import io.dropserver.state.condition.SandboxReason;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The part of this machine's cgroups that belongs to one server. It does not change anything above
 * or beside it. Thread-safe.
 */
public sealed interface CgroupTree extends AutoCloseable permits CgroupV1Tree, CgroupV2Tree {

  /**
   * Creates the subtree, after killing and removing the groups of an earlier run with the same
   * name.
   *
   * @param parent a group delegated to this server, from the host's configuration; by default the
   *     server's own group (v2), or the top of each hierarchy (v1)
   * @param name unique to the state folder
   * @return empty if the machine has no cgroups that this user may write
   */
  static Optional<CgroupTree> open(Optional<Path> parent, String name) {
    try {
      CgroupMounts mounts = CgroupMounts.read();
      return parent
          .or(mounts::unified)
          .flatMap(own -> CgroupV2Tree.open(own, name))
          .or(() -> CgroupV1Tree.open(mounts, parent, name));
    } catch (IOException e) {
      throw new SandboxException(
          SandboxReason.ISOLATION_UNAVAILABLE, "cannot read /proc/self: mount /proc", e);
    }
  }

  /** Returns a description for {@code doctor} and conditions, such as {@code cgroup v1 at …}. */
  String describe();

  /**
   * Creates a group with these limits.
   *
   * @param name a file name that no other group of this tree currently uses
   */
  Cgroup create(String name, CgroupLimits limits);

  /** Kills every process of the subtree and removes it. */
  @Override
  void close();

  /** Returns the folder of a group below {@code parent}, after validating its name. */
  static Path requireName(Path parent, String name) {
    if (!name.matches("[a-zA-Z0-9][a-zA-Z0-9_.-]{0,99}")) {
      throw new IllegalArgumentException("not a cgroup name: " + name);
    }
    return parent.resolve(name);
  }
}
