package io.dropserver.cli.command;

import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** {@code --state}: the state folder of the server. */
public final class StateOption {
  public static final String VARIABLE = "DROPSERVER_STATE";

  /** Default of the packaged service. */
  static final Path SERVICE_FOLDER = Path.of("/var/lib/dropserver");

  @Option(
      names = "--state",
      paramLabel = "DIR",
      description =
          "The server's state folder (default: $" + VARIABLE + ", else /var/lib/dropserver).")
  @Nullable Path folder;

  public Path folder(Map<String, String> environment) {
    if (folder != null) {
      return folder.toAbsolutePath().normalize();
    }
    String fromEnvironment = environment.getOrDefault(VARIABLE, "");
    return fromEnvironment.isEmpty()
        ? SERVICE_FOLDER
        : Path.of(fromEnvironment).toAbsolutePath().normalize();
  }
}
