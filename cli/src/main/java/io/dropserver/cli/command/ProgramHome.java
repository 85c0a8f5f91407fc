package io.dropserver.cli.command;

import java.nio.file.Path;

/** Locates the folder from which this program was started: a checkout or an installation. */
public final class ProgramHome {
  /** Set by the start script. */
  private static final String PROPERTY = "dropserver.home";

  private ProgramHome() {}

  public static Path folder() {
    return Path.of(System.getProperty(PROPERTY, "")).toAbsolutePath();
  }

  /** Returns the path of the script that starts this program. */
  public static Path program() {
    return folder().resolve("bin/dropserver");
  }

  public static Path exampleInstance() {
    return folder().resolve("example-instance-repo");
  }
}
