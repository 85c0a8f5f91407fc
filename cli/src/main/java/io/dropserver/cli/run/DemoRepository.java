package io.dropserver.cli.run;

import io.dropserver.cli.command.ProgramHome;
import io.dropserver.cli.repository.DirectoryTrees;
import io.dropserver.cli.repository.GitProgram;
import io.dropserver.schema.document.SchemaExport;
import io.dropserver.state.AtomicFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;

/**
 * Creates the demo's bare repository, which the server follows, and a working copy to edit.
 *
 * @param folder contains the whole demo
 */
record DemoRepository(Path folder) {
  Path remote() {
    return folder.resolve("remote.git");
  }

  Path workingCopy() {
    return folder.resolve("instance");
  }

  Path state() {
    return folder.resolve("state");
  }

  boolean exists() {
    return Files.isDirectory(workingCopy().resolve(".git"));
  }

  /** Creates both from a folder of files, unless they exist already. */
  void seedFrom(Path example) throws IOException {
    GitProgram git = new GitProgram();
    if (!exists()) {
      Files.createDirectories(folder);
      // Create the repository under a temporary name, so that an interruption leaves no incomplete
      // one.
      Path incomplete = folder.resolve("instance.half");
      AtomicFiles.deleteTree(incomplete);
      AtomicFiles.deleteTree(remote());
      DirectoryTrees.copy(example, incomplete);
      SchemaExport.writeTo(incomplete.resolve(".schemas"));
      git.run(folder, "init", "--quiet", "--bare", "--initial-branch=main", remote().toString());
      git.run(incomplete, "init", "--quiet", "--initial-branch=main");
      identify(git, incomplete);
      git.run(incomplete, "add", "--all");
      git.commit(
          incomplete,
          "Dropserver demo",
          "demo@dropserver.invalid",
          "Begin with the example instance");
      git.run(incomplete, "remote", "add", "origin", remote().toString());
      git.run(incomplete, "push", "--quiet", "--set-upstream", "origin", "main");
      Files.move(incomplete, workingCopy());
    }
    writeHook();
  }

  /**
   * Sets a name and an email address if the user has none, because Git refuses to commit without
   * them.
   */
  private static void identify(GitProgram git, Path repository) throws IOException {
    if (git.tryRun(repository, "config", "user.email").isEmpty()) {
      git.run(repository, "config", "user.name", "You");
      git.run(repository, "config", "user.email", "you@dropserver.invalid");
    }
  }

  /**
   * Writes the hook at each start, because the paths of the program and the demo may have changed.
   */
  private void writeHook() throws IOException {
    Path hook = remote().resolve("hooks/post-receive");
    Files.createDirectories(Objects.requireNonNull(hook.getParent()));
    Files.writeString(
        hook,
        """
        #!/bin/sh
        # Tells this demo's server of the push and shows what it makes of it.
        unset GIT_DIR GIT_WORK_TREE GIT_QUARANTINE_PATH
        unset GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES
        exec '%s' sync --wait --timeout 30 --state '%s'
        """
            .formatted(quoted(ProgramHome.program()), quoted(state())));
    Files.setPosixFilePermissions(hook, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private static String quoted(Path path) {
    return path.toString().replace("'", "'\\''");
  }
}
