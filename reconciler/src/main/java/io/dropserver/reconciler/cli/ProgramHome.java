package io.dropserver.reconciler.cli;

import java.nio.file.Path;

/** The folder that this program was started from: a checkout or an installation. */
final class ProgramHome {
  /** Set by the start script. */
  private static final String PROPERTY = "dropserver.home";

  private ProgramHome() {}

  static Path folder() {
    return Path.of(System.getProperty(PROPERTY, "")).toAbsolutePath();
  }

  /** The command that starts this program. */
  static Path program() {
    return folder().resolve("bin/dropserver");
  }

  static Path exampleInstance() {
    return folder().resolve("example-instance-repo");
  }
}
