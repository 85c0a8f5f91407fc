package io.dropserver.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Divides the memory of a Java process into parts, with the JVM's native memory tracking. */
final class ServerMemory {
  /** The command that starts a JVM with native memory tracking, which itself uses memory. */
  static final List<String> TRACKED =
      List.of("env", "JAVA_TOOL_OPTIONS=-XX:NativeMemoryTracking=summary");

  private static final Pattern PART =
      Pattern.compile("-\\s+(?<name>[A-Z][A-Za-z ]*) \\(reserved=\\d+KB, committed=(?<kib>\\d+)KB");

  /** The JVM's names of the parts, and plain ones. The rest is small. */
  private static final Map<String, String> NAMES =
      Map.of(
          "Java Heap", "heap",
          "Metaspace", "metaspace",
          "Shared class space", "class cache",
          "Code", "code",
          "Thread", "threads",
          "Other", "direct buffers");

  private ServerMemory() {}

  /**
   * Returns the committed mebibytes of each part, in the JVM's order. The parts include pages that
   * are not resident.
   *
   * @param pid of a process that was started with {@link #TRACKED}
   */
  static Map<String, Double> committedMebibytes(BenchEnvironment benchEnvironment, long pid)
      throws IOException, InterruptedException {
    String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
    String summary =
        benchEnvironment.run(
            benchEnvironment.scratch(), jcmd, Long.toString(pid), "VM.native_memory", "summary");
    Map<String, Double> parts = new LinkedHashMap<>();
    double rest = 0;
    Matcher part = PART.matcher(summary);
    while (part.find()) {
      double mebibytes = Long.parseLong(part.group("kib")) / 1024.0;
      String name = NAMES.get(part.group("name"));
      if (name == null) {
        rest += mebibytes;
      } else {
        parts.put(name, mebibytes);
      }
    }
    if (parts.isEmpty()) {
      throw new IOException("no parts in the answer of jcmd: " + summary);
    }
    parts.put("other parts", rest);
    return parts;
  }
}
