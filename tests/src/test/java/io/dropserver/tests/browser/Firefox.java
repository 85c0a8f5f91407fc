package io.dropserver.tests.browser;

import java.nio.file.Path;

/** The machine's Firefox. */
public final class Firefox {
  private Firefox() {}

  /** Returns the path of the browser on this machine. */
  public static Path program() {
    return PathPrograms.find("firefox-esr", "firefox")
        .orElseThrow(
            () -> new IllegalStateException("no Firefox on the PATH; run bin/setup --test"));
  }
}
