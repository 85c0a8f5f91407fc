package io.dropserver.reconciler.update;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * How the files of two installed versions differ.
 *
 * @param partial whether a version has more files than were compared
 */
record FolderComparison(int added, int changed, int removed, boolean partial) {
  /** The maximum number of files of one version that are compared. */
  static final int MAX_FILES = 20_000;

  static FolderComparison of(Path before, Path after) throws IOException {
    Map<String, Path> earlier = files(before);
    int added = 0;
    int changed = 0;
    Map<String, Path> later = files(after);
    boolean partial = Math.max(earlier.size(), later.size()) > MAX_FILES;
    for (Map.Entry<String, Path> file : later.entrySet()) {
      Path same = earlier.remove(file.getKey());
      if (same == null) {
        added++;
      } else if (Files.mismatch(same, file.getValue()) >= 0) {
        changed++;
      }
    }
    return new FolderComparison(added, changed, earlier.size(), partial);
  }

  /** Returns at most one file more than are compared. */
  private static Map<String, Path> files(Path folder) throws IOException {
    Map<String, Path> files = new TreeMap<>();
    try (Stream<Path> all = Files.walk(folder)) {
      all.filter(path -> Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS))
          .limit(MAX_FILES + 1)
          .forEach(path -> files.put(folder.relativize(path).toString(), path));
    }
    return files;
  }

  @Override
  public String toString() {
    return "%d %s added, %d changed, %d removed%s"
        .formatted(
            added,
            added == 1 ? "file" : "files",
            changed,
            removed,
            partial ? "; it has more than " + MAX_FILES + " files, so this is only a part" : "");
  }
}
