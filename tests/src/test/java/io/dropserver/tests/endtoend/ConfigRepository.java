package io.dropserver.tests.endtoend;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.storage.file.FileRepositoryBuilder;

/**
 * A bare repository and a working copy of it, both used through the git program. Not thread-safe.
 *
 * @param remote the bare repository, which the server follows
 * @param workingCopy the working copy that a person edits
 */
public record ConfigRepository(Path remote, Path workingCopy) {
  private static final long TIMEOUT_SECONDS = 60;
  private static final String[] IDENTITY = {
    "-c", "user.name=Person", "-c", "user.email=person@example.org", "-c", "commit.gpgsign=false"
  };

  /** Creates an empty repository with an empty working copy. */
  static ConfigRepository create(Path folder) throws IOException {
    Path remote = folder.resolve("remote.git");
    Path workingCopy = folder.resolve("working-copy");
    Files.createDirectories(workingCopy);
    ConfigRepository repository = new ConfigRepository(remote, workingCopy);
    repository.git("init", "--quiet", "--bare", "--initial-branch=main", remote.toString());
    repository.git("init", "--quiet", "--initial-branch=main");
    repository.git("remote", "add", "origin", remote.toString());
    return repository;
  }

  public ConfigRepository write(String file, String text) throws IOException {
    Path path = workingCopy.resolve(file);
    Files.createDirectories(Objects.requireNonNull(path.getParent()));
    Files.writeString(path, text);
    return this;
  }

  /** Copies every file of a folder except its {@code .git}. */
  public ConfigRepository copyFrom(Path folder) throws IOException {
    return copyFrom(folder, "");
  }

  /**
   * Copies every file of a folder except its {@code .git}.
   *
   * @param to path below the root
   */
  public ConfigRepository copyFrom(Path folder, String to) throws IOException {
    try (var files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path path = folder.relativize(file);
        if (!path.startsWith(".git")) {
          Path target = workingCopy.resolve(to).resolve(path);
          Files.createDirectories(Objects.requireNonNull(target.getParent()));
          Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING);
        }
      }
    }
    return this;
  }

  /** Replaces text. Fails if the text is missing. */
  public ConfigRepository replace(String file, String before, String after) throws IOException {
    String text = Files.readString(workingCopy.resolve(file));
    if (!text.contains(before)) {
      throw new IllegalArgumentException(file + " does not contain " + before);
    }
    return write(file, text.replace(before, after));
  }

  public ConfigRepository remove(String file) throws IOException {
    git("rm", "--quiet", "-r", file);
    return this;
  }

  /** Commits everything and returns the commit's id. */
  String commit(String message) throws IOException {
    git("add", "--all");
    git("commit", "--quiet", "--message", message);
    return head();
  }

  /** Commits everything, pushes it, and returns the commit's id. */
  public String push(String message) throws IOException {
    String commit = commit(message);
    git("push", "--quiet", "origin", "HEAD:main");
    return commit;
  }

  String head() throws IOException {
    return git("rev-parse", "HEAD").strip();
  }

  /**
   * Runs git in the working copy and returns its output.
   *
   * @throws IOException if it fails
   */
  String git(String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of("git", "-C", workingCopy.toString()));
    command.addAll(List.of(IDENTITY));
    command.addAll(List.of(arguments));
    return run(command);
  }

  /** Runs git in the bare repository, to simulate changes by other people. */
  String onRemote(String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of("git", "-C", remote.toString()));
    command.addAll(List.of(arguments));
    return run(command);
  }

  /** Returns the commits of the server's branches on the remote, by branch name. */
  Map<String, String> branches() {
    try (Repository repository =
        new FileRepositoryBuilder().setBare().setGitDir(remote.toFile()).build()) {
      return repository.getRefDatabase().getRefsByPrefix("refs/heads/dropserver/").stream()
          .collect(
              Collectors.toMap(
                  ref -> ref.getName().substring("refs/heads/".length()),
                  ref -> ObjectId.toString(ref.getObjectId())));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String run(List<String> command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IOException(command + " did not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
    if (process.exitValue() != 0) {
      throw new IOException(command + " failed: " + output);
    }
    return output;
  }
}
