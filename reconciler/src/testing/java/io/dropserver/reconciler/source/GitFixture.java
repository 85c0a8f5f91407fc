package io.dropserver.reconciler.source;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A bare remote and a working copy that pushes to it, made with the real git program. */
public final class GitFixture {
  public final Path root;
  public final Path remote;
  public final Path work;

  public GitFixture(Path root) {
    this.root = root;
    this.remote = root.resolve("remote.git");
    this.work = root.resolve("work");
    run(root, "git", "init", "-q", "--bare", "-b", "main", remote.toString());
    run(remote, "git", "config", "receive.denyDeleteCurrent", "ignore");
    run(root, "git", "init", "-q", "-b", "main", work.toString());
    git("remote", "add", "origin", remote.toString());
  }

  public String git(String... arguments) {
    List<String> command = new ArrayList<>(List.of("git"));
    command.addAll(List.of(arguments));
    return run(work, command.toArray(String[]::new));
  }

  public void write(String path, String text) {
    try {
      Path file = work.resolve(path);
      Files.createDirectories(file.getParent());
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Commits everything and returns the commit's id. */
  public String commit(String message, String... options) {
    git("add", "-A");
    List<String> arguments =
        new ArrayList<>(List.of("commit", "-q", "--allow-empty", "-m", message));
    arguments.addAll(List.of(options));
    git(arguments.toArray(String[]::new));
    return git("rev-parse", "HEAD");
  }

  public String push(String message) {
    String id = commit(message);
    git("push", "-q", "--force", "origin", "HEAD:main");
    return id;
  }

  public GitSettings settings() {
    return TestSettings.of(remote.toString(), "main", root.resolve("state/config.git"));
  }

  public static String run(Path folder, String... command) {
    try {
      ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
      builder.redirectErrorStream(true);
      Map<String, String> environment = builder.environment();
      environment.put("GIT_CONFIG_GLOBAL", "/dev/null");
      environment.put("GIT_CONFIG_SYSTEM", "/dev/null");
      environment.put("GIT_AUTHOR_NAME", "Alice");
      environment.put("GIT_AUTHOR_EMAIL", "alice@example.org");
      environment.put("GIT_COMMITTER_NAME", "Alice");
      environment.put("GIT_COMMITTER_EMAIL", "alice@example.org");
      Process process = builder.start();
      process.getOutputStream().close();
      String output =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      int code = process.waitFor();
      if (code != 0) {
        throw new IllegalStateException(String.join(" ", command) + " → " + code + ": " + output);
      }
      return output;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
