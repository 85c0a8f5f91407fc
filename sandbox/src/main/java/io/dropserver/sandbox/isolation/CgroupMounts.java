package io.dropserver.sandbox.isolation;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The mount points of the cgroup hierarchies, from proc_pid_mountinfo(5) and cgroups(7).
 *
 * @param unified the v2 group of this process
 * @param hierarchies maps each v1 controller to the visible top of its hierarchy, which, unlike
 *     this process's own group, is the same at the next start
 */
record CgroupMounts(Optional<Path> unified, Map<String, Path> hierarchies) {

  static CgroupMounts read() throws IOException {
    return parse(
        Files.readAllLines(Path.of("/proc/self/mountinfo")),
        Files.readAllLines(Path.of("/proc/self/cgroup")));
  }

  static CgroupMounts parse(List<String> mountInfo, List<String> ownGroups) {
    String own =
        ownGroups.stream()
            .filter(line -> line.startsWith("0::"))
            .map(line -> line.substring(3))
            .findFirst()
            .orElse("/");
    Optional<Path> unified = Optional.empty();
    Map<String, Path> hierarchies = new HashMap<>();
    for (String line : mountInfo) {
      int separator = line.indexOf(" - ");
      List<String> mount = List.of(line.substring(0, separator).split(" "));
      List<String> type = List.of(line.substring(separator + 3).split(" "));
      Path point = Path.of(mount.get(4));
      if (type.getFirst().equals("cgroup2")) {
        unified = Optional.of(ownGroup(point, mount.get(3), own));
      } else if (type.getFirst().equals("cgroup")) {
        Arrays.stream(type.get(2).split(",")).forEach(name -> hierarchies.put(name, point));
      }
    }
    return new CgroupMounts(unified, Map.copyOf(hierarchies));
  }

  Optional<Path> hierarchy(String controller) {
    return Optional.ofNullable(hierarchies.get(controller));
  }

  /**
   * Returns the folder of this process's group. In a container, the mount shows only a part of the
   * hierarchy: its root is a prefix of the group's path.
   */
  private static Path ownGroup(Path point, String root, String group) {
    String below = group.startsWith(root) ? group.substring(root.length()) : group;
    return Path.of(point.toString(), below);
  }
}
