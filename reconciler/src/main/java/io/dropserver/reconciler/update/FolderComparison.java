package io.dropserver.reconciler.update;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** How the files of two installed versions differ. */
record FolderComparison(int added, int changed, int removed) {
  /** The maximum number of files of one version that are compared. */
  static final int MAX_FILES = 20_000;

  static FolderComparison of(Path before, Path after) throws IOException {
    Map<String, Path> earlier = files(before);
    int added = 0;
    int changed = 0;
    for (Map.Entry<String, Path> file : files(after).entrySet()) {
      Path same = earlier.remove(file.getKey());
      if (same == null) {
        added++;
      } else if (Files.mismatch(same, file.getValue()) >= 0) {
        changed++;
      }
    }
    return new FolderComparison(added, changed, earlier.size());
  }

  private static Map<String, Path> files(Path folder) throws IOException {
    Map<String, Path> files = new TreeMap<>();
    try (Stream<Path> all = Files.walk(folder)) {
      all.filter(path -> Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS))
          .limit(MAX_FILES)
          .forEach(path -> files.put(folder.relativize(path).toString(), path));
    }
    return files;
  }

  @Override
  public String toString() {
    return "%d files added, %d changed, %d removed".formatted(added, changed, removed);
  }
}
