package io.dropserver.sandbox.storage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The capabilities of this process, see capabilities(7). */
final class Capabilities {
  static final int SYS_ADMIN = 21;

  private Capabilities() {}

  static boolean effective(int capability) {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
        if (line.startsWith("CapEff:")) {
          return (Long.parseUnsignedLong(line.substring("CapEff:".length()).strip(), 16)
                      >> capability
                  & 1)
              == 1;
        }
      }
      return false;
    } catch (IOException e) {
      return false;
    }
  }
}
