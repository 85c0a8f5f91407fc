package io.dropserver.reconciler;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Objects;

/**
 * A program where every user can reach it: sandboxes run as users of their own, who cannot pass
 * through a folder such as root's home.
 */
final class ReachableProgram {
  private ReachableProgram() {}

  /**
   * @param folder in which a copy is made where the program lies out of reach
   */
  static Path of(Path program, Path folder) {
    if (isReachable(program)) {
      return program;
    }
    Path copy = folder.resolve(Objects.requireNonNull(program.getFileName()));
    try {
      if (Files.isRegularFile(copy) && Files.mismatch(program, copy) < 0) {
        return copy;
      }
      Files.createDirectories(folder);
      Path temporary = folder.resolve(program.getFileName() + ".new");
      Files.copy(
          program,
          temporary,
          StandardCopyOption.REPLACE_EXISTING,
          StandardCopyOption.COPY_ATTRIBUTES);
      return Files.move(temporary, copy, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(program + " cannot be copied to " + folder, e);
    }
  }

  private static boolean isReachable(Path program) {
    for (Path parent = program.getParent(); parent != null; parent = parent.getParent()) {
      try {
        if (!Files.getPosixFilePermissions(parent).contains(PosixFilePermission.OTHERS_EXECUTE)) {
          return false;
        }
      } catch (IOException e) {
        return false;
      }
    }
    return true;
  }
}
