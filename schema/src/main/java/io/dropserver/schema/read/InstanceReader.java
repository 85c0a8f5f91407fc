package io.dropserver.schema.read;

import io.dropserver.schema.document.DocumentParser;
import io.dropserver.schema.document.SchemaCheck;
import io.dropserver.schema.instance.App.PathSource;
import io.dropserver.schema.instance.DropappManifest;
import io.dropserver.schema.instance.Instance;
import io.dropserver.schema.instance.Kind;
import io.dropserver.schema.instance.Location;
import io.dropserver.schema.instance.Problem;
import io.dropserver.schema.instance.SourceTree;
import io.dropserver.schema.instance.SourceTree.TreeEntry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Reads one revision: each YAML document of the instance on its own, then the references between
 * them. Thread-safe. Use one reader per process, because compiling the schemas takes longer than
 * reading a file.
 */
public final class InstanceReader {
  static final int MAX_DOCUMENTS = 100_000;
  static final long MAX_BYTES = 256L << 20;

  private final DocumentReader documents;
  private final ManifestReader manifests;

  public InstanceReader() {
    SchemaCheck schemas =
        new SchemaCheck(
            Stream.concat(
                    Arrays.stream(Kind.values()).map(DocumentReader::schema),
                    Stream.of("common.schema.json", "dropapp.schema.json"))
                .toList());
    this.manifests = new ManifestReader(schemas);
    this.documents = new DocumentReader(schemas, manifests);
  }

  /**
   * Returns the instance, or the problems of all files.
   *
   * @throws IOException if the tree itself cannot be read
   */
  public ReadResult read(SourceTree tree, ReadOptions options) throws IOException {
    ReadCache previous = options.previous().map(ReadResult::cache).orElse(ReadCache.EMPTY);
    TreeScan scan = new TreeScan(tree, options.paths());
    List<TreeEntry> candidates = scan.documents();
    long bytes = candidates.stream().mapToLong(TreeEntry::sizeBytes).sum();
    if (bytes > MAX_BYTES) {
      return refused(
          "the YAML files have " + (bytes >> 20) + " MiB together; the limit is 256 MiB");
    }
    AtomicInteger filesRead = new AtomicInteger();
    Map<String, FileContent> known = readFiles(tree, candidates, previous, filesRead);
    Set<String> appFolders = appFolders(known);
    Map<String, TreeEntry> appFiles = appFiles(tree, appFolders);
    Map<String, FileContent> files = new LinkedHashMap<>(known);
    files.keySet().removeAll(appFiles.keySet());
    int count = files.values().stream().mapToInt(file -> file.documents().size()).sum();
    if (count > MAX_DOCUMENTS) {
      return refused("there are %,d documents; the limit is 100,000".formatted(count));
    }
    Map<String, ManifestFile> manifestFiles =
        readManifests(tree, appFiles, appFolders, previous, filesRead);
    List<Problem> problems = scan.problems(appFiles.keySet());
    files.values().forEach(file -> problems.addAll(file.problems()));
    manifestFiles.values().forEach(file -> problems.addAll(file.problems()));
    ReferenceCheck check = new ReferenceCheck(tree, files, manifestFiles, appFiles.keySet());
    problems.addAll(check.problems());
    if (options.lockFiles()) {
      problems.addAll(LockFileCheck.problems(files.values(), tree));
    }
    problems.addAll(LocalSourceCheck.problems(files.values(), options.localRepositories()));
    return result(problems, check, count, filesRead.get(), new ReadCache(known, manifestFiles));
  }

  private static ReadResult result(
      List<Problem> problems, ReferenceCheck check, int count, int filesRead, ReadCache cache) {
    List<Problem> sorted = problems.stream().distinct().sorted().toList();
    Optional<Instance> instance =
        sorted.isEmpty() ? Optional.of(check.instance()) : Optional.empty();
    Map<String, DropappManifest> manifests = new HashMap<>();
    cache
        .manifests()
        .forEach((folder, file) -> file.manifest().ifPresent(m -> manifests.put(folder, m)));
    return new ReadResult(instance, sorted, count, filesRead, Map.copyOf(manifests), cache);
  }

  private static ReadResult refused(String message) {
    Problem problem =
        Problem.at(
            Location.ofFile("."),
            message,
            "add files that do not belong to the instance to .dropserverignore");
    return new ReadResult(Optional.empty(), List.of(problem), 0, 0, Map.of(), ReadCache.EMPTY);
  }

  private Map<String, FileContent> readFiles(
      SourceTree tree, List<TreeEntry> entries, ReadCache previous, AtomicInteger filesRead)
      throws IOException {
    Map<String, FileContent> known = previous.files();
    List<TreeEntry> changed =
        entries.stream().filter(treeEntry -> !isKnown(treeEntry, known)).toList();
    filesRead.addAndGet(changed.size());
    Map<String, FileContent> read = new ConcurrentHashMap<>();
    try {
      changed.parallelStream()
          .forEach(treeEntry -> read.put(treeEntry.path(), readFile(tree, treeEntry)));
    } catch (UncheckedIOException e) {
      throw new IOException(e.getMessage(), e.getCause());
    }
    Map<String, FileContent> files = LinkedHashMap.newLinkedHashMap(entries.size());
    for (TreeEntry treeEntry : entries) {
      String path = treeEntry.path();
      files.put(path, Objects.requireNonNull(read.getOrDefault(path, known.get(path))));
    }
    return files;
  }

  private static boolean isKnown(TreeEntry treeEntry, Map<String, FileContent> known) {
    FileContent content = known.get(treeEntry.path());
    return content != null && content.id().equals(treeEntry.id());
  }

  private FileContent readFile(SourceTree tree, TreeEntry treeEntry) {
    if (treeEntry.sizeBytes() > DocumentParser.MAX_FILE_BYTES) {
      Problem problem = DocumentParser.tooLarge(treeEntry.path(), treeEntry.sizeBytes());
      return new FileContent(
          treeEntry.id(), List.of(), List.of(problem), Optional.of(UnreadableFile.WITHOUT_CONTENT));
    }
    try {
      return documents.read(treeEntry.path(), treeEntry.id(), tree.read(treeEntry));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + treeEntry.path(), e);
    }
  }

  /** Returns the folders that path sources of the current revision refer to. */
  private static Set<String> appFolders(Map<String, FileContent> files) {
    return FileContent.sources(files.values(), PathSource.class)
        .map(PathSource::path)
        .filter(RelativePaths::isInside)
        .collect(Collectors.toSet());
  }

  private static Map<String, TreeEntry> appFiles(SourceTree tree, Set<String> appFolders) {
    return tree.entries().stream()
        .filter(entry -> TreeScan.isInAny(entry.path(), appFolders))
        .collect(Collectors.toMap(TreeEntry::path, entry -> entry, (_, last) -> last));
  }

  private Map<String, ManifestFile> readManifests(
      SourceTree tree,
      Map<String, TreeEntry> appFiles,
      Set<String> appFolders,
      ReadCache previous,
      AtomicInteger filesRead)
      throws IOException {
    Map<String, ManifestFile> manifestFiles = new HashMap<>();
    for (String folder : appFolders) {
      TreeEntry treeEntry = appFiles.get(folder + "/" + ManifestReader.FILE_NAME);
      if (treeEntry == null || !TreeScan.isFile(treeEntry)) {
        continue;
      }
      ManifestFile known = previous.manifests().get(folder);
      if (known == null || !known.id().equals(treeEntry.id())) {
        filesRead.incrementAndGet();
        known = readManifest(tree, treeEntry);
      }
      manifestFiles.put(folder, known);
    }
    return manifestFiles;
  }

  private ManifestFile readManifest(SourceTree tree, TreeEntry treeEntry) throws IOException {
    if (treeEntry.sizeBytes() > DocumentParser.MAX_FILE_BYTES) {
      Problem problem = DocumentParser.tooLarge(treeEntry.path(), treeEntry.sizeBytes());
      return ManifestFile.of(treeEntry.id(), Optional.empty(), List.of(problem));
    }
    ManifestReader.ManifestResult manifestResult =
        manifests.read(treeEntry.path(), tree.read(treeEntry));
    return ManifestFile.of(treeEntry.id(), manifestResult.manifest(), manifestResult.problems());
  }
}
