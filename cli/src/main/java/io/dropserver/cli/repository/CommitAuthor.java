package io.dropserver.cli.repository;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The author of commits that a command requests: the name and address in the Git configuration of
 * the person who runs the command, which with sudo is that of {@code SUDO_USER}.
 */
public final class CommitAuthor {
  private static final Path ACCOUNTS = Path.of("/etc/passwd");

  private CommitAuthor() {}

  /**
   * Returns {@code NAME <ADDRESS>}, or an empty text if there is no complete configuration. The
   * server then names the account that it verified.
   */
  public static String of(Map<String, String> environment) {
    Optional<String> home =
        Optional.ofNullable(environment.get("SUDO_USER"))
            .map(CommitAuthor::home)
            .orElse(Optional.ofNullable(environment.get("HOME")));
    return home.flatMap(folder -> setting(folder, "user.name"))
        .flatMap(
            name ->
                setting(home.get(), "user.email").map(email -> "%s <%s>".formatted(name, email)))
        .orElse("");
  }

  /** Reads one file only: a repository around the current folder may belong to another person. */
  private static Optional<String> setting(String home, String key) {
    Path file = Path.of(home).resolve(".gitconfig");
    return Files.isRegularFile(file)
        ? new GitProgram()
            .tryRun(Path.of("/"), "config", "--file", file.toString(), "--get", key)
            .filter(value -> !value.isBlank())
        : Optional.empty();
  }

  private static Optional<String> home(String account) {
    try (Stream<String> lines = Files.lines(ACCOUNTS)) {
      return lines
          .map(line -> line.split(":", -1))
          .filter(fields -> fields.length > 5 && fields[0].equals(account))
          .map(fields -> fields[5])
          .findFirst();
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
