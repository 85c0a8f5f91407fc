package io.dropserver.reconciler.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Copies and deletes directory trees of the user. Does not follow symbolic links. */
final class DirectoryTrees {
  private DirectoryTrees() {}

  static void copy(Path from, Path to) throws IOException {
    for (Path source : list(from, Comparator.naturalOrder())) {
      Path target = to.resolve(from.relativize(source).toString());
      if (Files.isDirectory(source, LinkOption.NOFOLLOW_LINKS)) {
        Files.createDirectories(target);
      } else {
        Files.copy(source, target, LinkOption.NOFOLLOW_LINKS);
      }
    }
  }

  /** Deletes a tree. Does nothing if it does not exist. */
  static void remove(Path folder) throws IOException {
    if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    for (Path path : list(folder, Comparator.reverseOrder())) {
      Files.delete(path);
    }
  }

  private static List<Path> list(Path folder, Comparator<Path> order) throws IOException {
    try (Stream<Path> paths = Files.walk(folder)) {
      return paths.sorted(order).toList();
    }
  }
}
