package io.dropserver.tests.browser;

import java.nio.file.Path;

/** This machine's Firefox. */
public final class Firefox {
  private Firefox() {}

  /** Where this machine has it. */
  public static Path program() {
    return Programs.find("firefox-esr", "firefox")
        .orElseThrow(
            () -> new IllegalStateException("no Firefox on the PATH; run bin/setup --test"));
  }
}
