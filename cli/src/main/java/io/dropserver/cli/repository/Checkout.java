package io.dropserver.cli.repository;

import io.dropserver.cli.output.CommandException;
import io.dropserver.schema.instance.App.LockFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A checkout of an instance repository, in which a command writes an App document and a lock file.
 * The repository's content may be hostile: it names the lock file, and may contain links.
 *
 * @param root the real path of the top folder
 */
public record Checkout(Path root, GitProgram git) {
  private static final JsonMapper JSON = JsonMapper.shared();

  /** Without it, Git reads {@code *}, {@code ?} and {@code :} as patterns of paths. */
  private static final String LITERAL = ":(literal)";

  /**
   * Requires that writing both files overwrites nothing but themselves.
   *
   * @throws CommandException when a path is outside or in Git's own folder, or when the lock file
   *     exists with other content
   */
  public void requireWritable(String lock, String document) throws IOException {
    Path file = inside(lock);
    if (file.equals(inside(document)) || (exists(file) && !isLock(file))) {
      throw new CommandException(
          lock + " is not a lock file, and would be overwritten",
          "correct `lock` in " + document + ", or remove the file " + lock);
    }
  }

  /** Returns the file of a path. */
  public Path inside(String path) throws IOException {
    for (String segment : path.split("/", -1)) {
      if (segment.equalsIgnoreCase(".git")) {
        throw new CommandException(
            path + " is in a folder of Git", "write the file to another folder");
      }
    }
    Path file = root.resolve(path).normalize();
    Path existing = Objects.requireNonNull(file.getParent());
    while (!Files.exists(existing)) {
      existing = Objects.requireNonNull(existing.getParent());
    }
    if (!existing.toRealPath().startsWith(root) || Files.isSymbolicLink(file)) {
      throw new CommandException(
          path + " is behind a symbolic link", "replace the link with a folder");
    }
    return file;
  }

  private static boolean exists(Path file) {
    return Files.exists(file, LinkOption.NOFOLLOW_LINKS);
  }

  private static boolean isLock(Path file) throws IOException {
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      return false;
    }
    try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
      JsonNode found = JSON.readTree(in.readNBytes(LockFile.MAX_BYTES));
      return found.path("version").isString()
          && (found.path("npm").isObject() || found.path("jsr").isObject());
    } catch (JacksonException e) {
      return false;
    }
  }

  /**
   * @throws CommandException when a file has changes that a commit of it would include
   */
  public void requireCommitted(List<String> paths) throws IOException {
    for (String path : paths) {
      String[] status = {
        "-c",
        "core.fsmonitor=false",
        "status",
        "--porcelain",
        "--untracked-files=all",
        "--",
        LITERAL + path
      };
      if (!git.run(root, status).isBlank()) {
        throw new CommandException(
            path + " has changes that are not committed, which the commit would include",
            "commit them first, or add --no-commit");
      }
    }
  }

  /** Writes a file completely or not at all. A new file has the modes of the user's other files. */
  public void write(String path, String content) throws IOException {
    Path file = inside(path);
    Files.createDirectories(Objects.requireNonNull(file.getParent()));
    Path temporary = file.resolveSibling(file.getFileName() + ".new");
    Files.deleteIfExists(temporary);
    try {
      Files.writeString(
          temporary, content, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
      if (exists(file)) {
        Files.setPosixFilePermissions(temporary, Files.getPosixFilePermissions(file));
      }
      Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  /**
   * Commits files that were written. Returns false if the repository contains them already.
   *
   * @throws CommandException when Git refuses, for example because of a hook
   */
  public boolean commit(List<String> paths, String message) {
    try {
      git.run(root, with(paths, "add"));
      if (git.tryRun(root, with(paths, "diff", "--cached", "--quiet")).isPresent()) {
        return false;
      }
      git.run(root, with(paths, "commit", "--quiet", "--message", message));
      return true;
    } catch (IOException e) {
      throw new CommandException(
          "%s %s written, but not committed: %s"
              .formatted(
                  String.join(" and ", paths),
                  paths.size() == 1 ? "is" : "are",
                  String.valueOf(e.getMessage())),
          "correct the cause and commit the files, or restore them",
          e);
    }
  }

  private static String[] with(List<String> paths, String... command) {
    List<String> arguments = new ArrayList<>(List.of(command));
    arguments.add("--");
    paths.forEach(path -> arguments.add(LITERAL + path));
    return arguments.toArray(String[]::new);
  }
}
