package io.dropserver.sandbox.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Finds an app's process on the host. bubblewrap runs as two processes: the outer one waits, and
 * its child is the init of the pid namespace. The children of that init are the app.
 */
final class DenoProcess {
  private DenoProcess() {}

  static List<Long> under(long bubblewrap) {
    return children(bubblewrap).flatMap(DenoProcess::children).toList();
  }

  /** Reads proc_tid_children(5). */
  private static Stream<Long> children(long pid) {
    Path file = Path.of("/proc/" + pid + "/task/" + pid + "/children");
    try {
      return Stream.of(Files.readString(file).strip().split(" "))
          .filter(word -> !word.isEmpty())
          .map(Long::parseLong);
    } catch (IOException ended) {
      return Stream.empty();
    }
  }
}
