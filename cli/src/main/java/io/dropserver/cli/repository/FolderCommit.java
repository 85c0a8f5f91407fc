package io.dropserver.cli.repository;

import io.dropserver.cli.output.CommandException;
import io.dropserver.state.AtomicFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The files of a folder as they are, as one commit in a temporary repository. The folder, and the
 * repository that it may be part of, are unchanged. Closing deletes the temporary repository.
 *
 * @param repository bare
 */
record FolderCommit(Path temporary, Path repository, String id) implements AutoCloseable {
  private static final Map<String, String> AUTHOR =
      Map.of(
          "GIT_AUTHOR_NAME", "Dropserver",
          "GIT_AUTHOR_EMAIL", "dropserver@dropserver.invalid",
          "GIT_COMMITTER_NAME", "Dropserver",
          "GIT_COMMITTER_EMAIL", "dropserver@dropserver.invalid");

  /** No configuration of the user or of the machine may name a program that Git starts. */
  private static final Map<String, String> NO_CONFIGURATION =
      Map.of(
          "GIT_CONFIG_GLOBAL", "/dev/null",
          "GIT_CONFIG_SYSTEM", "/dev/null",
          "GIT_ALLOW_PROTOCOL", "",
          "GIT_NO_LAZY_FETCH", "1");

  /**
   * Commits a folder's files except those that its {@code .gitignore} files name.
   *
   * @throws CommandException when the folder does not exist
   */
  static FolderCommit of(Path folder) throws IOException {
    if (!Files.isDirectory(folder.toAbsolutePath())) {
      throw new CommandException(folder + " is not a folder", "name the folder of the instance");
    }
    Path temporary = Files.createTempDirectory("dropserver-plan");
    try {
      Path repository = temporary.resolve("files.git");
      Path work = folder.toRealPath();
      // A hook may run this command, and its variables name the user's own index and objects.
      Map<String, String> environment = new HashMap<>(NO_CONFIGURATION);
      environment.put("GIT_DIR", repository.toString());
      environment.put("GIT_INDEX_FILE", temporary.resolve("index").toString());
      environment.put("GIT_OBJECT_DIRECTORY", repository.resolve("objects").toString());
      GitProgram git = new GitProgram();
      git.run(temporary, environment, "init", "--quiet", "--bare");
      borrowObjects(git, work, repository);
      environment.putAll(AUTHOR);
      environment.put("GIT_WORK_TREE", work.toString());
      git.run(work, environment, "add", "--all");
      String tree = git.run(work, environment, "write-tree");
      String commit = git.run(work, environment, "commit-tree", "-m", "files", tree);
      return new FolderCommit(temporary, repository, commit);
    } catch (IOException | RuntimeException e) {
      AtomicFiles.deleteTree(temporary);
      throw e;
    }
  }

  /** Makes earlier commits readable, which the source of an app version may name. */
  private static void borrowObjects(GitProgram git, Path folder, Path repository)
      throws IOException {
    Optional<String> objects =
        git.tryRun(folder, "rev-parse", "--path-format=absolute", "--git-path", "objects");
    if (objects.isPresent() && Files.isDirectory(Path.of(objects.get()))) {
      Files.write(
          repository.resolve("objects/info/alternates"),
          List.of(objects.get()),
          StandardCharsets.UTF_8);
    }
  }

  @Override
  public void close() throws IOException {
    AtomicFiles.deleteTree(temporary);
  }
}
