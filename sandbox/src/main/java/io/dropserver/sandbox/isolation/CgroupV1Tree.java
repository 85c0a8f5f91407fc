package io.dropserver.sandbox.isolation;

import io.dropserver.sandbox.SandboxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;

/** One folder in each hierarchy that is mounted. */
final class CgroupV1Tree implements CgroupTree {
  private static final Set<String> REQUIRED = Set.of("memory", "cpu", "pids", "freezer");
  private static final List<String> USED =
      List.of("memory", "cpu", "pids", "freezer", "cpuacct", "blkio");

  private static final String CPUSET = "cpuset";
  private static final List<String> CPUSET_FILES = List.of("cpuset.cpus", "cpuset.mems");

  private final Map<String, Path> roots;

  private CgroupV1Tree(Map<String, Path> roots) {
    this.roots = roots;
  }

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
    mounts
        .hierarchy(CPUSET)
        .map(top -> below(top, parent))
        .filter(CgroupV1Tree::offersCpus)
        .ifPresent(path -> roots.put(CPUSET, path));
    if (!roots.keySet().containsAll(REQUIRED)
        || !roots.values().stream().allMatch(Files::isWritable)) {
      return Optional.empty();
    }
    roots.replaceAll((controller, path) -> CgroupTree.requireName(path, name));
    CgroupV1Tree tree = new CgroupV1Tree(roots);
    tree.close();
    roots.values().forEach(CgroupFiles::create);
    roots.computeIfPresent(CPUSET, (controller, root) -> takesCpus(root) ? root : null);
    return Optional.of(tree);
  }

  private static Path below(Path top, Optional<Path> parent) {
    return parent.map(below -> Path.of(top.toString(), below.toString())).orElse(top);
  }

  /** A group without processors or memory may hold no process. */
  private static boolean offersCpus(Path parent) {
    return Files.isWritable(parent)
        && CPUSET_FILES.stream()
            .map(parent::resolve)
            .allMatch(file -> Files.isReadable(file) && !CgroupFiles.read(file).isEmpty());
  }

  /**
   * A new group of this hierarchy has neither, its children have what it has.
   *
   * @return false where a group beside this one has them for itself alone
   */
  private static boolean takesCpus(Path root) {
    try {
      for (String file : CPUSET_FILES) {
        CgroupFiles.write(root.resolve(file), CgroupFiles.read(root.resolveSibling(file)));
      }
      CgroupFiles.write(root.resolve("cgroup.clone_children"), "1");
      return true;
    } catch (SandboxException refused) {
      CgroupFiles.remove(root);
      return false;
    }
  }

  @Override
  public String describe() {
    return "cgroup v1 at "
        + roots.get("memory")
        + (roots.containsKey(CPUSET) ? "" : WITHOUT_CPUSET);
  }

  @Override
  public OptionalInt keptProcessor() {
    Path root = roots.get(CPUSET);
    return root == null
        ? OptionalInt.empty()
        : CpuList.first(CgroupFiles.read(root.resolve("cpuset.cpus")));
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
        .sorted(Comparator.naturalOrder())
        .forEach(name -> group(name).close());
    roots.values().forEach(CgroupFiles::remove);
  }
}
