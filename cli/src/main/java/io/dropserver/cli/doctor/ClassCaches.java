package io.dropserver.cli.doctor;

import io.dropserver.cli.command.ProgramHome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The caches of loaded and linked classes, with which the program starts in a fraction of the time.
 * The start script creates and uses them.
 *
 * @param folder the folder of the caches
 */
record ClassCaches(Path folder) {
  /** Set by the start script. */
  private static final String PROPERTY = "dropserver.caches";

  private static final List<String> FILES = List.of("dropserver.aot", "server.aot");
  private static final String NAME = "class caches";
  private static final String WHY = "the server and its commands start several times as fast";

  /** Returns the caches of this program; empty if it was started without the script. */
  static Optional<ClassCaches> ofProgram() {
    return Optional.ofNullable(System.getProperty(PROPERTY)).map(Path::of).map(ClassCaches::new);
  }

  DoctorCheck check() {
    List<Path> missing =
        FILES.stream().map(folder::resolve).filter(file -> !Files.exists(file)).toList();
    if (missing.isEmpty()) {
      return DoctorCheck.present(NAME, false, "complete, in " + folder, WHY);
    }
    String names = missing.stream().map(Path::toString).collect(Collectors.joining(" and "));
    return DoctorCheck.missing(
        NAME,
        false,
        Files.exists(folder.resolve("training-failed"))
            ? names + " could not be made; " + folder.resolve("training.log") + " has the reason"
            : names + " does not exist, or is being made",
        WHY,
        ProgramHome.program() + " --train-cache");
  }
}
