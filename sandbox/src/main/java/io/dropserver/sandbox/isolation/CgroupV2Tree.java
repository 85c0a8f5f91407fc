package io.dropserver.sandbox.isolation;

import io.dropserver.sandbox.SandboxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A delegated subtree of the unified hierarchy. */
record CgroupV2Tree(Path root) implements CgroupTree {
  private static final Set<String> REQUIRED = Set.of("memory", "cpu", "pids");

  /**
   * A group with controlled children may not contain processes itself, so the server moves to this
   * child.
   */
  private static final String SERVER = "dropserver-server";

  private static final int SANDBOXES_IO_WEIGHT = 50;

  static Optional<CgroupTree> open(Path own, String name) {
    Path delegated = own.endsWith(SERVER) ? own.resolveSibling("") : own;
    Path controllers = delegated.resolve("cgroup.controllers");
    if (!Files.isWritable(delegated.resolve("cgroup.subtree_control"))
        || !Files.isReadable(controllers)) {
      return Optional.empty();
    }
    Set<String> available = Set.of(CgroupFiles.read(controllers).split(" "));
    if (!available.containsAll(REQUIRED)) {
      return Optional.empty();
    }
    leaveForChildren(delegated);
    enable(delegated, available);
    CgroupV2Tree tree = new CgroupV2Tree(CgroupTree.requireName(delegated, name));
    tree.close();
    CgroupFiles.create(tree.root);
    enable(tree.root, available);
    // All sandboxes together have half the server's weight. Among each other, they have equal
    // shares.
    CgroupFiles.writeIfPresent(tree.root.resolve("io.weight"), "default " + SANDBOXES_IO_WEIGHT);
    return Optional.of(tree);
  }

  /**
   * Moves all processes of the delegated group into a child. Only the root of the hierarchy may
   * have both processes and children, and only the root has no cgroup.type.
   */
  private static void leaveForChildren(Path delegated) {
    if (!Files.exists(delegated.resolve("cgroup.type"))) {
      return;
    }
    Path server = delegated.resolve(SERVER);
    CgroupFiles.create(server);
    // Repeats for processes that were forked meanwhile.
    CgroupFiles.await(
        "moving the processes of " + delegated + " to " + server,
        () -> {
          List<Long> left = CgroupFiles.processes(delegated);
          left.forEach(pid -> move(pid, server));
          return left.isEmpty();
        });
  }

  private static void move(long pid, Path group) {
    try {
      CgroupFiles.write(group.resolve("cgroup.procs"), Long.toString(pid));
    } catch (SandboxException refused) {
      if (Files.exists(Path.of("/proc", Long.toString(pid)))) {
        throw refused;
      }
    }
  }

  private static void enable(Path group, Set<String> available) {
    for (String controller : List.of("memory", "cpu", "pids", "io")) {
      if (available.contains(controller)) {
        CgroupFiles.write(group.resolve("cgroup.subtree_control"), "+" + controller);
      }
    }
  }

  @Override
  public String describe() {
    return "cgroup v2 at " + root;
  }

  @Override
  public Cgroup create(String name, CgroupLimits limits) {
    CgroupV2 group = new CgroupV2(CgroupTree.requireName(root, name));
    group.create(limits);
    return group;
  }

  @Override
  public void close() {
    if (!Files.exists(root)) {
      return;
    }
    CgroupFiles.children(root).forEach(child -> new CgroupV2(child).close());
    CgroupFiles.remove(root);
  }
}
