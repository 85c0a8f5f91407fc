package io.dropserver.schema.read;

import io.dropserver.schema.document.Quoting;
import io.dropserver.schema.instance.App.AppVersion;
import io.dropserver.schema.instance.App.GitRepositorySource;
import io.dropserver.schema.instance.App.LockFile;
import io.dropserver.schema.instance.App.NpmSource;
import io.dropserver.schema.instance.App.PackageSource;
import io.dropserver.schema.instance.App.PathSource;
import io.dropserver.schema.instance.App.Source;
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
 * Validates that the lock files that entries name exist. Their content is compared with the
 * packages at the installation.
 */
final class LockFileCheck {
  private LockFileCheck() {}

  static List<Problem> problems(Collection<FileContent> files, SourceTree tree) {
    List<AppVersion> locked =
        FileContent.versions(files).filter(version -> lock(version).isPresent()).toList();
    Map<String, TreeEntry> entries = new HashMap<>();
    if (!locked.isEmpty()) {
      tree.entries().forEach(entry -> entries.put(entry.path(), entry));
    }
    List<Problem> problems = new ArrayList<>();
    for (AppVersion version : locked) {
      lock(version)
          .flatMap(lock -> problem(lock, version.source(), entries))
          .ifPresent(problems::add);
    }
    return problems;
  }

  private static Optional<LockFile> lock(AppVersion version) {
    return version.source() instanceof NpmSource npm ? npm.lock() : version.additions().lock();
  }

  private static String command(Source source) {
    return switch (source) {
      case NpmSource npm -> "run dropserver app add " + npm.specifier() + ", which writes it";
      case GitRepositorySource _, PackageSource _ ->
          "run dropserver app add with this source, which writes it";
      case PathSource _ -> "write the path from the folder of this document, or remove `lock`";
    };
  }

  private static Optional<Problem> problem(
      LockFile lock, Source source, Map<String, TreeEntry> entries) {
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
            command(source)));
  }
}
