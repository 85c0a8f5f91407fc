package io.dropserver.cli.repository;

import io.dropserver.base.process.Program;
import io.dropserver.base.process.ProgramEnd;
import io.dropserver.cli.output.CommandException;
import io.dropserver.sandbox.app.FileTree;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Runs the user's {@code git} for the user's own repositories. The server itself uses JGit. */
public final class GitProgram {
  private static final Duration TIMEOUT = Duration.ofSeconds(60);
  private static final int MAX_OUTPUT = 64 << 20;

  private static final String RULES = ".gitignore";
  private static final Set<Path> NOT_SEARCHED = Set.of(Path.of(".git"), Path.of("node_modules"));

  /**
   * Environment for a folder that may be a stranger's. Its configuration names programs, which Git
   * starts to fetch missing objects from a remote.
   */
  private static final Map<String, String> NO_PROGRAMS =
      Map.of("GIT_ALLOW_PROTOCOL", "", "GIT_NO_LAZY_FETCH", "1");

  /** A file system monitor is a program too, and a folder of the app can be a bare repository. */
  private static final List<String> LIST_IGNORED =
      List.of(
          "-c", "core.fsmonitor=false",
          "-c", "safe.bareRepository=explicit",
          "ls-files", "-z",
          "--others", "--ignored",
          "--exclude-standard", "--directory");

  private final Duration timeout;

  public GitProgram() {
    this(TIMEOUT);
  }

  /**
   * @param timeout of one command, with its output
   */
  public GitProgram(Duration timeout) {
    this.timeout = timeout;
  }

  /**
   * Creates a repository in a folder and stages all files. Returns false if git is not available.
   */
  public boolean makeRepository(Path folder) {
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
   *
   * @throws CommandException when a {@code .gitignore} is not a regular file
   */
  public Set<String> ignored(Path folder) {
    Set<String> paths;
    try {
      paths = listIgnored(folder, NO_PROGRAMS);
    } catch (IOException e) {
      paths = Set.of();
    }
    return paths.contains("./") ? Set.of() : paths;
  }

  /**
   * Like {@link #ignored}, for a folder that will be published. Its {@code .gitignore} files count
   * outside a repository too, and a list that Git cannot make is not taken for an empty one.
   *
   * @throws CommandException when files that Git ignores cannot be told from others
   */
  public Set<String> ignoredInPublication(Path folder) throws IOException {
    boolean repository = isInRepository(folder);
    try {
      if (repository) {
        Set<String> paths = listIgnored(folder, NO_PROGRAMS);
        if (!paths.contains("./")) {
          return paths;
        }
      }
      return ignoredWithoutRepository(folder);
    } catch (IOException e) {
      if (!repository && !Files.exists(folder.resolve(RULES))) {
        return Set.of();
      }
      throw new CommandException(
          "git cannot list the files in " + folder + " that it ignores: " + e.getMessage(),
          "correct the cause; without the list, the package could contain files that .gitignore"
              + " names",
          e);
    }
  }

  private Set<String> listIgnored(Path folder, Map<String, String> environment) throws IOException {
    requireRegularRules(folder);
    return Set.of(run(folder, environment, LIST_IGNORED.toArray(String[]::new)).split("\0"));
  }

  /**
   * Git would wait for a writer of a FIFO. Folders of packages are not searched, because Git
   * usually ignores them; there, the time limit applies.
   */
  private static void requireRegularRules(Path folder) throws IOException {
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path path, BasicFileAttributes attributes) {
            boolean searched = !NOT_SEARCHED.contains(path.getFileName());
            return searched ? FileVisitResult.CONTINUE : FileVisitResult.SKIP_SUBTREE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (file.endsWith(RULES) && attributes.isOther()) {
              throw new CommandException(
                  file + " is not a regular file", "replace it with a file, or remove it");
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) {
            return FileVisitResult.CONTINUE; // Git reports what it cannot read
          }
        });
  }

  private static boolean isInRepository(Path folder) throws IOException {
    for (Path at = folder.toRealPath(); at != null; at = at.getParent()) {
      if (Files.exists(at.resolve(".git"), LinkOption.NOFOLLOW_LINKS)) {
        return true;
      }
    }
    return false;
  }

  /** Lists with an empty repository elsewhere, in which no file is tracked. */
  private Set<String> ignoredWithoutRepository(Path folder) throws IOException {
    Path temporary = Files.createTempDirectory("dropserver-ignored");
    try {
      String empty = temporary.resolve("empty.git").toString();
      run(temporary, "init", "--quiet", "--bare", empty);
      Map<String, String> environment = new HashMap<>(NO_PROGRAMS);
      environment.put("GIT_DIR", empty);
      environment.put("GIT_WORK_TREE", folder.toRealPath().toString());
      return listIgnored(folder, environment);
    } finally {
      FileTree.delete(temporary);
    }
  }

  /** Commits what is staged, as an author that does not depend on the user's settings. */
  public void commit(Path folder, String author, String email, String message) throws IOException {
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
  public Optional<String> tryRun(Path folder, String... arguments) {
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
  public String run(Path folder, String... arguments) throws IOException {
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
  public String run(Path folder, Map<String, String> environment, String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>(List.of("git", "-C", folder.toString()));
    command.addAll(List.of(arguments));
    ProgramEnd end =
        Program.of(command)
            .inheritEnvironment()
            .environment(environment)
            .keepFirst(MAX_OUTPUT)
            .timeout(timeout)
            .run();
    if (!end.succeeded()) {
      throw new IOException(
          String.join(" ", command)
              + switch (end.cause()) {
                case TIMED_OUT -> " did not end within %d s".formatted(timeout.toSeconds());
                case OUTPUT_SUFFICIENT -> " wrote more than %d MiB".formatted(MAX_OUTPUT >> 20);
                default -> " failed: " + end.text().strip();
              });
    }
    return end.output().stripTrailing();
  }
}
