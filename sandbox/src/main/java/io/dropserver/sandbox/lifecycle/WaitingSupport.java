package io.dropserver.sandbox.lifecycle;

import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.isolation.Programs;
import io.dropserver.sandbox.linux.NamespaceMounts;
import io.dropserver.sandbox.linux.UserMapping;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Determines whether sandboxes can wait for appspaces on this machine. */
public final class WaitingSupport {
  private static final List<String> LAYERS = List.of("uid", "cgroup");

  private WaitingSupport() {}

  /** Why no sandbox can wait, so that every start is an ordinary one. */
  public record Problem(String detail, String remedy) {}

  /**
   * Creates a mount of the folder for a moment, unless data is in volumes.
   *
   * @param layers the names of the isolation layers that are present
   * @param folder contains the data of appspaces without a volume
   */
  public static Optional<Problem> problem(
      LifecycleSettings settings, Set<String> layers, Path folder) {
    if (settings.mostWaiting() == 0) {
      return Optional.of(tooLittleMemory(settings.maxMemoryBytes()));
    }
    if (!layers.containsAll(LAYERS)) {
      return Optional.of(
          new Problem(
              "the layers uid and cgroup are needed, of which one is missing",
              "run the server as root with cgroups; the line of the missing layer says how"));
    }
    if (!NamespaceMounts.canMapOwners()) {
      return Optional.of(
          new Problem("the kernel has no idmapped mounts", "use Linux 5.12 or newer"));
    }
    return layers.contains("storage") ? Optional.empty() : problemOf(folder);
  }

  private static Problem tooLittleMemory(long maxMemoryBytes) {
    long least = WaitingStarts.SHARE * WaitingStarts.MEMORY_BYTES;
    return new Problem(
        "all that wait take an eighth of sandbox.maxMemory (%d MiB) at most, and one takes %d MiB"
            .formatted(maxMemoryBytes >> 20, WaitingStarts.MEMORY_BYTES >> 20),
        "set sandbox.maxMemory to %d MiB or more, if this machine has it".formatted(least >> 20));
  }

  private static Optional<Problem> problemOf(Path folder) {
    try {
      Programs programs = Programs.find();
      Path unshare =
          programs.unshare().orElseThrow(() -> new IOException("unshare(1) is not installed"));
      UserMapping.tryOn(folder, unshare, programs.shell());
      return Optional.empty();
    } catch (IOException | SandboxException e) {
      return Optional.of(
          new Problem(
              "the file system of %s cannot show files as those of another user: %s"
                  .formatted(folder, e.getMessage()),
              "move the state folder to ext4, xfs or btrfs, or provide the layer storage"));
    }
  }
}
