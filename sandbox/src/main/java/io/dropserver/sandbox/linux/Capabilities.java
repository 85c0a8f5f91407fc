package io.dropserver.sandbox.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** The capabilities of this process, see capabilities(7). Thread-safe. */
public final class Capabilities {
  public static final int SETGID = 6;
  public static final int SETUID = 7;
  public static final int SYS_ADMIN = 21;

  private Capabilities() {}

  /** Returns whether this process has the capability. Also false if the kernel does not tell. */
  public static boolean effective(int capability) {
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
