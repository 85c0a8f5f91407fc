package io.dropserver.sandbox.isolation;

import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.linux.Mounts;
import io.dropserver.sandbox.linux.SpecialFiles;
import io.dropserver.state.condition.SandboxReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The folder with the files that all sandboxes have in common, which is the lowest layer of every
 * root.
 *
 * @param folder owned by the server; readable by every sandbox's user
 * @param libraries each at the path where the loader looks for it, for a root without overlay
 * @param canOverlay whether this process may mount overlays and the folder has devices
 */
record SystemTree(Path folder, List<Bind> libraries, boolean canOverlay) {
  /** The name of the folder, in the folder of the launcher. */
  static final String NAME = "system";

  /**
   * The devices of a sandbox. They have no state. There is no terminal, no shared memory folder and
   * no disk.
   */
  static final List<String> DEVICES = List.of("null", "zero", "random", "urandom");

  private static final String MACHINE_FOLDER = "dropserver/machine";

  /**
   * The contents of files in {@code /proc} by name. They describe one processor without any load.
   * Deno's op_cpus, and so Node's os.cpus(), reads both files.
   */
  private static final SortedMap<String, String> MACHINE =
      new TreeMap<>(
          Map.of(
              "cpuinfo",
              """
              processor\t: 0
              model name\t: unknown
              cpu MHz\t\t: 0.000

              """,
              "stat",
              """
              cpu  0 0 0 0 0 0 0 0 0 0
              cpu0 0 0 0 0 0 0 0 0 0 0
              intr 0
              ctxt 0
              btime 0
              processes 0
              procs_running 1
              procs_blocked 0
              softirq 0
              """));

  /**
   * Keeps files that already exist.
   *
   * @throws SandboxException reason {@code LaunchFailed} when Deno's libraries cannot be copied
   */
  static SystemTree make(Path folder) {
    List<Bind> libraries = LinkedLibraries.copyTo(folder);
    writeMachine(folder);
    return new SystemTree(folder, libraries, makeDevices(folder) && mountsOverlays(folder));
  }

  /**
   * Files that are mounted over those in {@code /proc} from which Deno reads information about
   * processors.
   *
   * @param root the location of this tree in the sandbox's view
   */
  static List<Bind> processorFiles(Path root) {
    return MACHINE.keySet().stream()
        .map(name -> Bind.readOnly(root.resolve(MACHINE_FOLDER).resolve(name), "/proc/" + name))
        .toList();
  }

  private static void writeMachine(Path folder) {
    try {
      Path files = Files.createDirectories(folder.resolve(MACHINE_FOLDER));
      for (Path made : List.of(files, files.resolveSibling(""))) {
        Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rwxr-xr-x"));
      }
      for (Map.Entry<String, String> entry : MACHINE.entrySet()) {
        Path file = files.resolve(entry.getKey());
        if (!Files.exists(file)) {
          Files.writeString(file, entry.getValue());
          Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--r--r--"));
        }
      }
    } catch (IOException e) {
      throw new SandboxException(
          SandboxReason.LAUNCH_FAILED, "cannot write into " + folder + ": " + e, e);
    }
  }

  /**
   * Creates separate device nodes, because every process of the host can lock the inodes of the
   * host's {@code /dev}.
   */
  private static boolean makeDevices(Path folder) {
    try {
      Path devices = Files.createDirectories(folder.resolve("dev"));
      Files.setPosixFilePermissions(devices, PosixFilePermissions.fromString("rwxr-xr-x"));
      for (String name : DEVICES) {
        Path device = devices.resolve(name);
        if (!Files.exists(device) && !makeDevice(device, Path.of("/dev", name))) {
          return false;
        }
        Files.setPosixFilePermissions(device, PosixFilePermissions.fromString("rw-rw-rw-"));
      }
      return true;
    } catch (IOException refused) {
      return false;
    }
  }

  private static boolean makeDevice(Path device, Path like) throws IOException {
    Object number = Files.getAttribute(like, "unix:rdev");
    return number instanceof Long rdev && SpecialFiles.makeCharacterDevice(device, rdev);
  }

  /**
   * Returns whether an overlay can be mounted. Only an attempt shows what the kernel, the container
   * and the file system allow.
   */
  private static boolean mountsOverlays(Path folder) {
    try {
      Path trial = Files.createTempDirectory(folder.resolveSibling(""), "overlay");
      Path empty = Files.createTempDirectory(folder.resolveSibling(""), "empty");
      try {
        boolean mounted = Mounts.overlay(trial, List.of(empty, folder)) == 0;
        return mounted && opensDevice(trial.resolve("dev/null"));
      } finally {
        Mounts.detach(trial);
        Files.delete(trial);
        Files.delete(empty);
      }
    } catch (IOException refused) {
      return false;
    }
  }

  private static boolean opensDevice(Path device) {
    try (var output = Files.newOutputStream(device)) {
      output.write(0);
      return true;
    } catch (IOException refused) {
      return false;
    }
  }
}
