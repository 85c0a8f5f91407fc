package io.dropserver.tests.hostile;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Resources of a sandbox on the host beyond what it was given. The host is inspected, because an
 * app behind a second kernel sees only the state of that kernel.
 */
final class HostTraces {
  /** How deep to search folders in which attacks leave files. */
  private static final int DEPTH = 2;

  private static final int FILE_TYPE = 0170000;
  private static final int CHARACTER_DEVICE = 0020000;
  private static final int BLOCK_DEVICE = 0060000;

  /** Indexes of fields after the name in {@code /proc/PID/stat}, proc(5). */
  private static final int NICE = 16;

  private static final int THREADS = 17;

  /** {@code limits.processes} of the suite, and the threads of a second kernel. */
  static final int MOST_THREADS = 128 + 96;

  private HostTraces() {}

  /**
   * @param data the appspace's data
   * @param uid the appspace's uid
   * @param user of its processes
   * @return resources that it should not have, or an empty list
   */
  static List<String> of(Path data, int uid, int user) throws IOException {
    List<String> traces = new ArrayList<>();
    try (Stream<Path> files = Files.walk(data, DEPTH)) {
      for (Path file : files.toList()) {
        checkFile(file, uid, traces);
      }
    }
    int threads = 0;
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
      for (Path process : processes) {
        threads += checkProcess(process, user, traces);
      }
    }
    if (threads > MOST_THREADS) {
      traces.add("has " + threads + " threads on the host");
    }
    return traces;
  }

  private static void checkFile(Path file, int uid, List<String> traces) throws IOException {
    if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    var attributes = Files.readAttributes(file, "unix:uid,mode", LinkOption.NOFOLLOW_LINKS);
    if (!Integer.valueOf(uid).equals(attributes.get("uid"))) {
      traces.add("left on the host, of user " + attributes.get("uid") + ": " + file);
    }
    int type = attributes.get("mode") instanceof Integer mode ? mode & FILE_TYPE : 0;
    if (type == CHARACTER_DEVICE || type == BLOCK_DEVICE) {
      traces.add("left on the host, a device: " + file);
    }
  }

  /** Returns the number of threads of a process of the user, or 0 for other processes. */
  private static int checkProcess(Path process, int uid, List<String> traces) {
    try {
      if (!Integer.valueOf(uid).equals(Files.getAttribute(process, "unix:uid"))) {
        return 0;
      }
      String stat = Files.readString(process.resolve("stat"));
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
      if (Integer.parseInt(fields[NICE]) < 0) {
        traces.add("runs on the host before others, nice " + fields[NICE]);
      }
      return Integer.parseInt(fields[THREADS]);
    } catch (IOException ended) {
      return 0;
    }
  }
}
