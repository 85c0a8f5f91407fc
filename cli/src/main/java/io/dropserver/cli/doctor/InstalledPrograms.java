package io.dropserver.cli.doctor;

import io.dropserver.base.process.Program;
import io.dropserver.base.process.ProgramEnd;
import io.dropserver.base.process.ProgramEnd.Cause;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Finds programs on this machine and their versions. */
final class InstalledPrograms {
  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final String EXTRA_PATH = ":/usr/sbin:/sbin";
  private static final Pattern VERSION = Pattern.compile("\\d+\\.\\d+[\\w.+~-]*");

  private final String searchPath;

  InstalledPrograms(String searchPath) {
    this.searchPath = searchPath + EXTRA_PATH;
  }

  /**
   * @param program name of the executable
   * @param aptPackage package that contains the program on Debian and Ubuntu
   */
  DoctorCheck check(String program, String aptPackage, boolean required, String why) {
    return find(program)
        .map(path -> DoctorCheck.present(program, required, version(path) + ", " + path, why))
        .orElseGet(
            () ->
                DoctorCheck.missing(
                    program, required, "not found", why, "apt-get install " + aptPackage));
  }

  Optional<Path> find(String program) {
    return Stream.of(searchPath.split(":"))
        .filter(folder -> !folder.isEmpty())
        .map(folder -> Path.of(folder, program))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /** Returns the first version number in the output of {@code --version}. */
  static String version(Path program) {
    try {
      ProgramEnd end =
          Program.of(program.toString(), "--version")
              .environment(Program.PLAIN_ENVIRONMENT)
              .mergeErrors()
              .timeout(TIMEOUT)
              .run();
      if (end.cause() == Cause.TIMED_OUT) {
        return "does not respond";
      }
      var match = VERSION.matcher(end.output());
      return match.find() ? match.group() : "unknown version";
    } catch (IOException e) {
      return "does not start";
    }
  }
}
