package io.dropserver.sandbox.isolation;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** One folder in each mounted v1 hierarchy. */
record CgroupV1Tree(Map<String, Path> roots) implements CgroupTree {
  private static final Set<String> REQUIRED = Set.of("memory", "cpu", "pids", "freezer");
  private static final List<String> USED =
      List.of("memory", "cpu", "pids", "freezer", "cpuacct", "blkio");

  /**
   * @param parent a path below the top of each hierarchy
   */
  static Optional<CgroupTree> open(CgroupMounts mounts, Optional<Path> parent, String name) {
    Map<String, Path> roots = new TreeMap<>();
    for (String controller : USED) {
      mounts
          .hierarchy(controller)
          .map(top -> below(top, parent))
          .ifPresent(path -> roots.put(controller, path));
    }
    if (!roots.keySet().containsAll(REQUIRED)
        || !roots.values().stream().allMatch(Files::isWritable)) {
      return Optional.empty();
    }
    roots.replaceAll((controller, path) -> CgroupTree.requireName(path, name));
    CgroupV1Tree tree = new CgroupV1Tree(roots);
    tree.close();
    roots.values().forEach(CgroupFiles::create);
    return Optional.of(tree);
  }

  private static Path below(Path top, Optional<Path> parent) {
    return parent.map(below -> Path.of(top.toString(), below.toString())).orElse(top);
  }

  @Override
  public String describe() {
    return "cgroup v1 at " + roots.get("memory");
  }

  @Override
  public Cgroup create(String name, CgroupLimits limits) {
    CgroupV1 group = group(name);
    group.create(limits);
    return group;
  }

  private CgroupV1 group(String name) {
    Map<String, Path> folders = new TreeMap<>();
    roots.forEach(
        (controller, root) -> folders.put(controller, CgroupTree.requireName(root, name)));
    return new CgroupV1(folders);
  }

  @Override
  public void close() {
    roots.values().stream()
        .flatMap(root -> CgroupFiles.children(root).stream())
        .map(path -> path.getFileName().toString())
        .distinct()
        .sorted()
        .forEach(name -> group(name).close());
    roots.values().forEach(CgroupFiles::remove);
  }
}
