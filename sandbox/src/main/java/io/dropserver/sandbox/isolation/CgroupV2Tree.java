package io.dropserver.sandbox.isolation;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A delegated subtree of the unified hierarchy. */
final class CgroupV2Tree implements CgroupTree {
  private static final Set<String> REQUIRED = Set.of("memory", "cpu", "pids");

  /** A group that has controlled children may hold no process itself, so the server moves here. */
  private static final String SERVER = "dropserver-server";

  private final Path root;

  private CgroupV2Tree(Path root) {
    this.root = root;
  }

  static Optional<CgroupTree> open(Optional<Path> group, String name) {
    return group.flatMap(own -> open(own, name));
  }

  private static Optional<CgroupTree> open(Path own, String name) {
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
    return Optional.of(tree);
  }

  /** The root of the hierarchy may hold processes and children; it alone has no cgroup.type. */
  private static void leaveForChildren(Path delegated) {
    if (!Files.exists(delegated.resolve("cgroup.type"))) {
      return;
    }
    Path server = delegated.resolve(SERVER);
    CgroupFiles.create(server);
    for (long pid : CgroupFiles.processes(delegated)) {
      CgroupFiles.write(server.resolve("cgroup.procs"), Long.toString(pid));
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
