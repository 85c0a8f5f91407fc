package io.dropserver.backup.restic;

import io.dropserver.backup.BackupException;
import io.dropserver.base.process.Program;
import io.dropserver.state.condition.BackupReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/** Finds restic on this machine and checks its version. Thread-safe. */
final class ResticProgram {
  /** Preferred, because the one of a distribution may be too old. */
  private static final Path OWN = Path.of("/usr/local/bin/restic");

  private static final Duration TIMEOUT = Duration.ofSeconds(30);
  private static final int OUTPUT_BYTES = 1000;

  private final Supplier<Optional<Path>> search;

  /** The program that last passed the check. */
  private volatile Optional<CheckedProgram> checked = Optional.empty();

  /** A program that is recent enough. */
  record Restic(Path path, ResticVersion version) {}

  /** A replaced file has another file key or another modification time. */
  private record FileIdentity(Path file, String key, FileTime modified) {}

  private record CheckedProgram(FileIdentity file, Restic restic) {}

  ResticProgram(Supplier<Optional<Path>> search) {
    this.search = search;
  }

  /** Returns the program in the system's program folders. */
  static ResticProgram ofSystem() {
    return new ResticProgram(
        () -> Optional.of(OWN).filter(Files::isExecutable).or(() -> Program.find("restic")));
  }

  /**
   * Runs restic to get its version, if the program has changed since the last check.
   *
   * @throws BackupException if restic is missing or too old
   */
  Restic require() {
    Path restic =
        search
            .get()
            .orElseThrow(
                () ->
                    new BackupException(
                        BackupReason.RESTIC_MISSING,
                        "restic is missing: apt-get install restic (%s or newer)"
                            .formatted(ResticVersion.OLDEST)));
    Optional<FileIdentity> found = identify(restic);
    Optional<CheckedProgram> before = checked;
    if (found.isPresent() && before.map(CheckedProgram::file).equals(found)) {
      return before.orElseThrow().restic();
    }
    String output = version(restic);
    Restic usable =
        new Restic(
            restic,
            ResticVersion.parse(output)
                .filter(version -> version.isAtLeast(ResticVersion.OLDEST))
                .orElseThrow(
                    () ->
                        new BackupException(
                            BackupReason.RESTIC_MISSING,
                            "%s says \"%s\"; Dropserver needs restic %s or newer"
                                .formatted(restic, output, ResticVersion.OLDEST))));
    checked = found.map(file -> new CheckedProgram(file, usable));
    return usable;
  }

  private static Optional<FileIdentity> identify(Path restic) {
    try {
      BasicFileAttributes attributes = Files.readAttributes(restic, BasicFileAttributes.class);
      return Optional.of(
          new FileIdentity(
              restic, String.valueOf(attributes.fileKey()), attributes.lastModifiedTime()));
    } catch (IOException e) {
      // the program was deleted meanwhile, and starting it reports the error
      return Optional.empty();
    }
  }

  private static String version(Path restic) {
    try {
      return Program.of(restic.toString(), "version")
          .inheritEnvironment()
          .mergeErrors()
          .keepFirst(OUTPUT_BYTES)
          .timeout(TIMEOUT)
          .run()
          .output()
          .strip();
    } catch (IOException e) {
      throw new BackupException(
          BackupReason.RESTIC_MISSING, restic + " cannot be started: " + e.getMessage(), e);
    }
  }
}
