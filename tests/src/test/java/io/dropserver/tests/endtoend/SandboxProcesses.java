package io.dropserver.tests.endtoend;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The processes of an instance's sandboxes, as the host sees them in {@code /proc}. */
public final class SandboxProcesses {
  private static final String DENO = "/dropserver/deno";

  private SandboxProcesses() {}

  /** Every process of a sandbox: what started it and Deno, by their process ids. */
  static List<Long> all(Path state) throws IOException {
    List<Long> found = new ArrayList<>();
    // As LocalSandboxHost names the group of a run folder.
    int folder = state.resolve("run").normalize().toString().hashCode();
    String group = "/dropserver-" + Integer.toHexString(folder) + "/";
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[1-9]*")) {
      for (Path process : processes) {
        // Without control groups and overlays, what is bound into a sandbox is listed by its path.
        if (command(process).contains(DENO)
            && (read(process, "cgroup").contains(group)
                || read(process, "mountinfo").contains(state + "/"))) {
          found.add(Long.valueOf(process.toFile().getName()));
        }
      }
    }
    return found;
  }

  /** The kernels of gVisor's: on the host they are the processes that apps run in. */
  static List<Long> gvisorKernels(Path state) throws IOException {
    List<Long> found = new ArrayList<>();
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[1-9]*")) {
      for (Path process : processes) {
        String command = command(process);
        if (command.startsWith("runsc-sandbox") && command.contains(state + "/")) {
          found.add(Long.valueOf(process.toFile().getName()));
        }
      }
    }
    return found;
  }

  /**
   * The one Deno process that runs an app.
   *
   * @param app the name in its manifest
   * @throws AssertionError when there is none, or more than one
   */
  public static ProcessHandle deno(Path state, String app) throws IOException {
    List<Long> found = new ArrayList<>();
    for (long id : all(state)) {
      Path process = Path.of("/proc", Long.toString(id));
      if (command(process).startsWith(DENO)
          && read(process, "root/app/dropapp.json").contains("\"name\": \"" + app + '"')) {
        found.add(id);
      }
    }
    if (found.size() != 1) {
      throw new AssertionError("not one Deno process runs " + app + " but " + found);
    }
    return ProcessHandle.of(found.getFirst())
        .orElseThrow(() -> new AssertionError("the Deno process of " + app + " just ended"));
  }

  private static String command(Path process) {
    return read(process, "cmdline").replace('\0', ' ');
  }

  /** Empty when the process has ended meanwhile, or shows us nothing. */
  private static String read(Path process, String file) {
    try {
      return Files.readString(process.resolve(file));
    } catch (IOException e) {
      return "";
    }
  }
}
