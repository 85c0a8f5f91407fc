package io.dropserver.backup.restic;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The command line and the environment of restic for one repository. */
record ResticCommandLine(RepositorySettings settings, ResticProgram restic) {
  /** The timeout after which restic repeats a request that makes no progress. */
  private static final String STUCK_REQUEST_OPTION = "--stuck-request-timeout=1m";

  /** Returns the command line of a command with its arguments. */
  List<String> of(List<String> arguments) {
    ResticProgram.Restic usable = restic.require();
    List<String> command =
        new ArrayList<>(
            List.of(
                usable.path().toString(),
                "--json",
                "--repo",
                settings.repository(),
                "--password-file",
                settings.passwordFile().toString()));
    if (settings.isLocal()) {
      command.add("--no-cache");
    } else {
      command.addAll(List.of("--cache-dir", settings.cache().toString(), "--cleanup-cache"));
      if (usable.version().canRepeatStuckRequests()) {
        command.add(STUCK_REQUEST_OPTION);
      }
    }
    command.addAll(arguments);
    return command;
  }

  /** Returns restic's environment: the rate of progress messages and the configured variables. */
  Map<String, String> environment() {
    Map<String, String> environment = new TreeMap<>();
    environment.put("RESTIC_PROGRESS_FPS", "2");
    settings.environmentFile().ifPresent(file -> environment.putAll(read(file)));
    return environment;
  }

  private static Map<String, String> read(Path file) {
    try {
      Map<String, String> values = new TreeMap<>();
      for (String line : Files.readAllLines(file)) {
        int equals = line.indexOf('=');
        if (equals > 0 && !line.startsWith("#")) {
          values.put(line.substring(0, equals).strip(), line.substring(equals + 1).strip());
        }
      }
      return values;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read backup.environmentFile " + file, e);
    }
  }
}
