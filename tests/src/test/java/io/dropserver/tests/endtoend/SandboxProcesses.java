package io.dropserver.tests.endtoend;

import io.dropserver.sandbox.local.CgroupName;
import io.dropserver.state.StateFolder;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Processes of an instance's sandboxes, as seen by the host in {@code /proc}. */
public final class SandboxProcesses {
  private static final String DENO = "/dropserver/deno";

  private SandboxProcesses() {}

  /** Returns the process ids of every process of a sandbox: the launcher and Deno. */
  static List<Long> all(Path state) throws IOException {
    List<Long> found = new ArrayList<>();
    String group = "/" + CgroupName.of(new StateFolder(state).run()) + "/";
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[1-9]*")) {
      for (Path process : processes) {
        // Without cgroups and overlays, the bind mounts of a sandbox contain the path of the state
        // folder.
        if ((command(process).contains(DENO) || runsDeno(process))
            && (read(process, "cgroup").contains(group)
                || read(process, "mountinfo").contains(state + "/"))) {
          found.add(Long.valueOf(process.toFile().getName()));
        }
      }
    }
    return found;
  }

  /** Returns gVisor's kernels, which are the host processes in which apps run. */
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
   * Returns the only Deno process of an app.
   *
   * @param app the name in its manifest
   * @throws AssertionError if there is none or more than one
   */
  public static ProcessHandle deno(Path state, String app) throws IOException {
    List<Long> found = new ArrayList<>();
    for (long id : all(state)) {
      Path process = Path.of("/proc", Long.toString(id));
      if (runsDeno(process)
          && read(process, "root/app/dropapp.json")
              .replace("\": \"", "\":\"")
              .contains("\"name\":\"" + app + '"')) {
        found.add(id);
      }
    }
    if (found.size() != 1) {
      throw new AssertionError("not one Deno process runs " + app + " but " + found);
    }
    return ProcessHandle.of(found.getFirst())
        .orElseThrow(() -> new AssertionError("the Deno process of " + app + " just ended"));
  }

  /** A program can change its command line, as http-server does, but not its executable. */
  private static boolean runsDeno(Path process) {
    try {
      return Files.readSymbolicLink(process.resolve("exe")).endsWith("dropserver/deno");
    } catch (IOException e) {
      return false;
    }
  }

  private static String command(Path process) {
    return read(process, "cmdline").replace('\0', ' ');
  }

  /** Returns an empty string if the process has ended or its file is not readable. */
  private static String read(Path process, String file) {
    try {
      return Files.readString(process.resolve(file));
    } catch (IOException e) {
      return "";
    }
  }
}
