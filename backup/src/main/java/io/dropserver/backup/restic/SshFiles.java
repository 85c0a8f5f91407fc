package io.dropserver.backup.restic;

import io.dropserver.backup.process.ProgramRunner;
import io.dropserver.base.process.Program;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Finds the files by which ssh reaches an sftp repository: keys, known hosts, and the files that
 * configure the host.
 */
public final class SshFiles {
  /** {@code sftp:user@host:/path}, or {@code sftp://user@host:port//path}. */
  private static final Pattern HOST =
      Pattern.compile("sftp:(?://)?(?:[^@/]*@)?(\\[[^]]*]|[^:/]+).*");

  /** The configuration of ssh may run programs. */
  private static final Duration LONGEST_QUERY = Duration.ofSeconds(10);

  private static final int OUTPUT_BYTES = 1 << 20;

  private static final Set<String> NAMED =
      Set.of("identityfile", "certificatefile", "userknownhostsfile", "globalknownhostsfile");

  private final List<Path> configurations;
  private final List<String> options;

  private SshFiles(List<Path> configurations, List<String> options) {
    this.configurations = configurations;
    this.options = options;
  }

  /** Uses the configuration of this account and this machine. */
  public static SshFiles ofMachine() {
    List<Path> files = new ArrayList<>(List.of(home().resolve(".ssh/config")));
    files.add(Path.of("/etc/ssh/ssh_config"));
    try (Stream<Path> included = Files.list(Path.of("/etc/ssh/ssh_config.d"))) {
      included.sorted().forEach(files::add);
    } catch (IOException none) {
      // There is no such folder.
    }
    return new SshFiles(files, List.of());
  }

  static SshFiles of(Path configuration) {
    return new SshFiles(List.of(configuration), List.of("-F", configuration.toString()));
  }

  /** Returns the existing files; none for another kind of repository or without ssh. */
  public List<Path> of(String repository) {
    Matcher host = HOST.matcher(repository);
    Optional<Path> ssh = Program.find("ssh");
    if (!host.matches() || ssh.isEmpty()) {
      return List.of();
    }
    String name = host.group(1).replaceAll("[\\[\\]]", "");
    Set<Path> files = new LinkedHashSet<>();
    configurations.stream().filter(file -> isAbout(file, name)).forEach(files::add);
    List<String> command = new ArrayList<>(List.of(ssh.get().toString(), "-G"));
    command.addAll(options);
    command.addAll(List.of("--", name));
    ProgramRunner.run(
            ProgramRunner.program(command, Map.of(), Path.of("/"))
                .keepLast(OUTPUT_BYTES)
                .timeout(LONGEST_QUERY))
        .output()
        .lines()
        .forEach(line -> files.addAll(named(line)));
    return files.stream().filter(Files::isRegularFile).toList();
  }

  private static List<Path> named(String line) {
    String[] words = line.split(" ");
    return NAMED.contains(words[0])
        ? Stream.of(words)
            .skip(1)
            .map(word -> word.startsWith("~/") ? home().resolve(word.substring(2)) : Path.of(word))
            .toList()
        : List.of();
  }

  private static boolean isAbout(Path configuration, String host) {
    try {
      return Files.isRegularFile(configuration) && Files.readString(configuration).contains(host);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + configuration, e);
    }
  }

  private static Path home() {
    return Path.of(System.getProperty("user.home"));
  }
}
