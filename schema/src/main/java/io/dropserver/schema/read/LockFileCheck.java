package io.dropserver.schema.read;

import io.dropserver.schema.document.Quoting;
import io.dropserver.schema.instance.App.LockFile;
import io.dropserver.schema.instance.App.NpmSource;
import io.dropserver.schema.instance.Problem;
import io.dropserver.schema.instance.SourceTree;
import io.dropserver.schema.instance.SourceTree.TreeEntry;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Validates that the lock files of npm sources exist. Their content is compared with the packages
 * at the installation.
 */
final class LockFileCheck {
  private LockFileCheck() {}

  static List<Problem> problems(Collection<FileContent> files, SourceTree tree) {
    List<NpmSource> sources = FileContent.sources(files, NpmSource.class).toList();
    Map<String, TreeEntry> entries = new HashMap<>();
    if (!sources.isEmpty()) {
      tree.entries().forEach(entry -> entries.put(entry.path(), entry));
    }
    List<Problem> problems = new ArrayList<>();
    for (NpmSource source : sources) {
      source.lock().flatMap(lock -> problem(lock, source, entries)).ifPresent(problems::add);
    }
    return problems;
  }

  private static Optional<Problem> problem(
      LockFile lock, NpmSource source, Map<String, TreeEntry> entries) {
    TreeEntry entry = entries.get(lock.path());
    boolean file = entry != null && TreeScan.isFile(entry);
    if (entry != null && file && entry.sizeBytes() <= LockFile.MAX_BYTES) {
      return Optional.empty();
    }
    return Optional.of(
        Problem.at(
            lock.location(),
            "the lock file "
                + Quoting.quote(lock.path())
                + (file ? " is larger than 8 MiB" : " does not exist"),
            "run dropserver app add " + source.specifier() + ", which writes it"));
  }
}
