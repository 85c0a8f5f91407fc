package io.dropserver.reconciler.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The {@code git} of the person at the keyboard, for what belongs to that person: new repositories
 * with their configuration. The server itself reads with JGit.
 */
final class GitProgram {
  private static final int PATIENCE_SECONDS = 60;

  /** Whether there is a git; then the folder is a repository with everything in it staged. */
  boolean makeRepository(Path folder) {
    try {
      run(folder, "init", "--quiet", "--initial-branch=main");
      run(folder, "add", "--all");
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** What git printed, or nothing when it fails. */
  Optional<String> tryRun(Path folder, String... arguments) {
    try {
      return Optional.of(run(folder, arguments));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /**
   * Runs git inside a folder and returns what it printed, without the last line break.
   *
   * @throws IOException when there is no git, or it ends with another code than 0
   */
  String run(Path folder, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of("git", "-C", folder.toString()));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    await(process, command);
    if (process.exitValue() != 0) {
      throw new IOException(String.join(" ", command) + " failed: " + output.strip());
    }
    return output.stripTrailing();
  }

  private static void await(Process process, List<String> command) throws IOException {
    try {
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
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
