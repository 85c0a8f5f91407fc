package io.dropserver.reconciler.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Runs the user's {@code git} for the user's own repositories. The server itself uses JGit. */
final class GitProgram {
  private static final int TIMEOUT_SECONDS = 60;

  /**
   * Environment for a folder that may be a stranger's. Its configuration names programs, which Git
   * starts to fetch missing objects from a remote.
   */
  private static final Map<String, String> NO_PROGRAMS =
      Map.of("GIT_ALLOW_PROTOCOL", "", "GIT_NO_LAZY_FETCH", "1");

  /**
   * Creates a repository in a folder and stages all files. Returns false if git is not available.
   */
  boolean makeRepository(Path folder) {
    try {
      run(folder, "init", "--quiet", "--initial-branch=main");
      run(folder, "add", "--all");
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * Returns what Git ignores below a folder, as paths relative to it; those of folders end with a
   * slash. Empty if git is not available, the folder is not part of a working tree, or the folder
   * itself is ignored.
   */
  Set<String> ignored(Path folder) {
    // A file system monitor is a program too, and a folder of the app can be a bare repository.
    String[] list = {
      "-c", "core.fsmonitor=false",
      "-c", "safe.bareRepository=explicit",
      "ls-files", "-z",
      "--others", "--ignored",
      "--exclude-standard", "--directory"
    };
    Set<String> paths;
    try {
      paths = Set.of(run(folder, NO_PROGRAMS, list).split("\0"));
    } catch (IOException e) {
      paths = Set.of();
    }
    return paths.contains("./") ? Set.of() : paths;
  }

  /** Commits what is staged, as an author that does not depend on the user's settings. */
  void commit(Path folder, String author, String email, String message) throws IOException {
    String name = "user.name=" + author;
    String address = "user.email=" + email;
    String[] arguments = {
      "-c", name,
      "-c", address,
      "-c", "commit.gpgsign=false",
      "commit", "--quiet",
      "--message", message
    };
    run(folder, arguments);
  }

  /** Returns the output of git; empty if it fails. */
  Optional<String> tryRun(Path folder, String... arguments) {
    try {
      return Optional.of(run(folder, arguments));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /**
   * Runs git inside a folder and returns its output without trailing whitespace. Warnings are not
   * part of it.
   *
   * @throws IOException when git is missing or its exit code is not 0; the message contains what
   *     git wrote
   */
  String run(Path folder, String... arguments) throws IOException {
    return run(folder, Map.of(), arguments);
  }

  /** Pushes a commit without asking for a password. */
  void push(Path folder, String remote, String refspec) throws IOException {
    run(folder, Map.of("GIT_TERMINAL_PROMPT", "0"), "push", "--quiet", "--", remote, refspec);
  }

  /**
   * Like {@link #run(Path, String...)}, with more environment variables.
   *
   * @throws IOException when git is missing or its exit code is not 0
   */
  String run(Path folder, Map<String, String> environment, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of("git", "-C", folder.toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(environment);
    Process process = builder.start();
    process.getOutputStream().close();
    CompletableFuture<String> errors =
        CompletableFuture.supplyAsync(
            () -> errors(process), Thread.ofVirtual().name("git-errors")::start);
    String output = text(process.getInputStream());
    await(process, command);
    if (process.exitValue() != 0) {
      throw new IOException(
          String.join(" ", command) + " failed: " + (errors.join() + output).strip());
    }
    return output.stripTrailing();
  }

  private static String errors(Process process) {
    try {
      return text(process.getErrorStream());
    } catch (IOException e) {
      return e + "\n";
    }
  }

  private static String text(InputStream stream) throws IOException {
    return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
  }

  private static void await(Process process, List<String> command) throws IOException {
    try {
      if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IOException(String.join(" ", command) + " did not end");
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }
}
