package io.dropserver.cli.secret;

import io.dropserver.cli.output.CommandException;
import io.dropserver.state.AtomicFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A folder in memory (tmpfs) for clear text, which only the user can read. It is deleted when it is
 * closed, and also if the program is ended by a signal.
 */
final class MemoryFolder implements AutoCloseable {
  private static final List<String> IN_MEMORY = List.of("tmpfs", "ramfs");

  private final Path folder;
  private final Thread atExit;

  private MemoryFolder(Path folder) {
    this.folder = folder;
    this.atExit = new Thread(this::delete, "delete-clear-text");
    Runtime.getRuntime().addShutdownHook(atExit);
  }

  /**
   * @throws CommandException when no file system of this machine is in memory
   */
  static MemoryFolder create(Map<String, String> environment) throws IOException {
    List<Path> candidates =
        Stream.concat(
                Optional.ofNullable(environment.get("XDG_RUNTIME_DIR")).stream(),
                Stream.of("/dev/shm"))
            .map(Path::of)
            .toList();
    for (Path candidate : candidates) {
      if (Files.isWritable(candidate) && isInMemory(candidate)) {
        return new MemoryFolder(
            Files.createTempDirectory(
                candidate,
                "dropserver-secret",
                PosixFilePermissions.asFileAttribute(
                    PosixFilePermissions.fromString("rwx------"))));
      }
    }
    throw new CommandException(
        "no folder in memory was found for the clear text",
        "mount a tmpfs at /dev/shm, or set XDG_RUNTIME_DIR to a folder on one");
  }

  static boolean isInMemory(Path folder) throws IOException {
    return IN_MEMORY.contains(Files.getFileStore(folder).type());
  }

  /** Creates a file that only the user can read. */
  Path write(String name, byte[] content) throws IOException {
    Path file = folder.resolve(name);
    AtomicFiles.write(file, content);
    return file;
  }

  private void delete() {
    try {
      if (Files.exists(folder)) {
        AtomicFiles.deleteTree(folder);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("remove " + folder + ", which contains clear text", e);
    }
  }

  @Override
  public void close() {
    delete();
    Runtime.getRuntime().removeShutdownHook(atExit);
  }
}
