package io.dropserver.sandbox.storage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** The capabilities of this process, see capabilities(7). */
final class Capabilities {
  static final int SYS_ADMIN = 21;

  private Capabilities() {}

  static boolean effective(int capability) {
    try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
      return lines
          .filter(line -> line.startsWith("CapEff:"))
          .mapToLong(line -> Long.parseUnsignedLong(line.substring("CapEff:".length()).strip(), 16))
          .anyMatch(all -> (all >> capability & 1) == 1);
    } catch (IOException e) {
      return false;
    }
  }
}
