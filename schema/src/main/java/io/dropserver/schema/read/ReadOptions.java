package io.dropserver.schema.read;

import java.util.List;
import java.util.Optional;

/**
 * @param paths folders of the repository that make up this instance; empty means all of it. Several
 *     instances can share one repository this way.
 * @param previous an earlier reading of the same repository with the same paths: files whose
 *     content is unchanged are not read again
 */
public record ReadOptions(List<String> paths, Optional<ReadResult> previous) {
  public static final ReadOptions WHOLE = new ReadOptions(List.of(), Optional.empty());

  public ReadOptions {
    paths = paths.stream().map(ReadOptions::trimmed).toList();
  }

  public ReadOptions after(ReadResult earlier) {
    return new ReadOptions(paths, Optional.of(earlier));
  }

  private static String trimmed(String path) {
    String clean = path.startsWith("./") ? path.substring(2) : path;
    while (clean.endsWith("/")) {
      clean = clean.substring(0, clean.length() - 1);
    }
    return clean.equals(".") ? "" : clean;
  }
}
