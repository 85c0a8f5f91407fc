package io.dropserver.schema.read;

import io.dropserver.schema.document.DocumentParser;
import io.dropserver.schema.document.SchemaCheck;
import io.dropserver.schema.instance.App;
import io.dropserver.schema.instance.App.PathSource;
import io.dropserver.schema.instance.Instance;
import io.dropserver.schema.instance.Kind;
import io.dropserver.schema.instance.Location;
import io.dropserver.schema.instance.Manifest;
import io.dropserver.schema.instance.Problem;
import io.dropserver.schema.instance.SourceTree;
import io.dropserver.schema.instance.SourceTree.Entry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * Reads one revision: each YAML document of the instance on its own, then the references between
 * them. Thread-safe. One instance per process is enough, because compiling the schemas costs more
 * than reading a file.
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
    this.documents = new DocumentReader(schemas);
    this.manifests = new ManifestReader(schemas);
  }

  /**
   * Returns the instance, or the problems of all files.
   *
   * @throws IOException if the tree itself cannot be read
   */
  public ReadResult read(SourceTree tree, ReadOptions options) throws IOException {
    ReadCache previous = options.previous().map(ReadResult::cache).orElse(ReadCache.EMPTY);
    TreeScan scan = new TreeScan(tree, options.paths());
    List<Entry> candidates = scan.documents();
    long bytes = candidates.stream().mapToLong(Entry::sizeBytes).sum();
    if (bytes > MAX_BYTES) {
      return refused(
          "the YAML files have " + (bytes >> 20) + " MiB together; the limit is 256 MiB");
    }
    AtomicInteger filesRead = new AtomicInteger();
    Map<String, FileContent> known = readFiles(tree, candidates, previous, filesRead);
    Set<String> appFolders = appFolders(known);
    Map<String, Entry> appFiles = appFiles(tree, appFolders);
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
    CrossCheck check = new CrossCheck(tree, files, manifestFiles, appFiles.keySet());
    problems.addAll(check.problems());
    problems.addAll(LocalSources.problems(files.values(), options.localRepositories()));
    return result(problems, check, count, filesRead.get(), new ReadCache(known, manifestFiles));
  }

  private static ReadResult result(
      List<Problem> problems, CrossCheck check, int count, int filesRead, ReadCache cache) {
    List<Problem> sorted = problems.stream().distinct().sorted().toList();
    Optional<Instance> instance =
        sorted.isEmpty() ? Optional.of(check.instance()) : Optional.empty();
    Map<String, Manifest> manifests = new HashMap<>();
    cache
        .manifests()
        .forEach((folder, file) -> file.manifest().ifPresent(m -> manifests.put(folder, m)));
    return new ReadResult(instance, sorted, count, filesRead, Map.copyOf(manifests), cache);
  }

  private static ReadResult refused(String message) {
    Problem problem =
        Problem.at(
            Location.ofFile("."), message, "name what is no instance's in .dropserverignore");
    return new ReadResult(Optional.empty(), List.of(problem), 0, 0, Map.of(), ReadCache.EMPTY);
  }

  private Map<String, FileContent> readFiles(
      SourceTree tree, List<Entry> entries, ReadCache previous, AtomicInteger filesRead)
      throws IOException {
    Map<String, FileContent> known = previous.files();
    List<Entry> changed = entries.stream().filter(entry -> !isKnown(entry, known)).toList();
    filesRead.addAndGet(changed.size());
    Map<String, FileContent> read = new ConcurrentHashMap<>();
    try {
      changed.parallelStream().forEach(entry -> read.put(entry.path(), readFile(tree, entry)));
    } catch (UncheckedIOException e) {
      throw new IOException(e.getMessage(), e.getCause());
    }
    Map<String, FileContent> files = LinkedHashMap.newLinkedHashMap(entries.size());
    for (Entry entry : entries) {
      String path = entry.path();
      files.put(path, Objects.requireNonNull(read.getOrDefault(path, known.get(path))));
    }
    return files;
  }

  private static boolean isKnown(Entry entry, Map<String, FileContent> known) {
    FileContent content = known.get(entry.path());
    return content != null && content.id().equals(entry.id());
  }

  private FileContent readFile(SourceTree tree, Entry entry) {
    if (entry.sizeBytes() > DocumentParser.MAX_FILE_BYTES) {
      Problem problem = DocumentParser.tooLarge(entry.path(), entry.sizeBytes());
      return new FileContent(entry.id(), List.of(), List.of(problem), Optional.of(Unread.UNSEEN));
    }
    try {
      return documents.read(entry.path(), entry.id(), tree.read(entry));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + entry.path(), e);
    }
  }

  /** Returns the folders that path sources of the current revision refer to. */
  private static Set<String> appFolders(Map<String, FileContent> files) {
    Set<String> folders = new HashSet<>();
    for (FileContent file : files.values()) {
      for (Document document : file.documents()) {
        if (document.resource() instanceof App app) {
          app.versions().stream()
              .map(App.Version::source)
              .filter(PathSource.class::isInstance)
              .map(PathSource.class::cast)
              .map(PathSource::path)
              .filter(Paths::isInside)
              .forEach(folders::add);
        }
      }
    }
    return folders;
  }

  private static Map<String, Entry> appFiles(SourceTree tree, Set<String> appFolders) {
    Map<String, Entry> files = new HashMap<>();
    for (Entry entry : tree.entries()) {
      if (TreeScan.isInAny(entry.path(), appFolders)) {
        files.put(entry.path(), entry);
      }
    }
    return files;
  }

  private Map<String, ManifestFile> readManifests(
      SourceTree tree,
      Map<String, Entry> appFiles,
      Set<String> appFolders,
      ReadCache previous,
      AtomicInteger filesRead)
      throws IOException {
    Map<String, ManifestFile> manifestFiles = new HashMap<>();
    for (String folder : appFolders) {
      Entry entry = appFiles.get(folder + "/" + ManifestReader.FILE_NAME);
      if (entry == null || !TreeScan.isFile(entry)) {
        continue;
      }
      ManifestFile known = previous.manifests().get(folder);
      if (known == null || !known.id().equals(entry.id())) {
        filesRead.incrementAndGet();
        known = readManifest(tree, entry);
      }
      manifestFiles.put(folder, known);
    }
    return manifestFiles;
  }

  private ManifestFile readManifest(SourceTree tree, Entry entry) throws IOException {
    if (entry.sizeBytes() > DocumentParser.MAX_FILE_BYTES) {
      Problem problem = DocumentParser.tooLarge(entry.path(), entry.sizeBytes());
      return ManifestFile.of(entry.id(), Optional.empty(), List.of(problem));
    }
    ManifestReader.Result result = manifests.read(entry.path(), tree.read(entry));
    return ManifestFile.of(entry.id(), result.manifest(), result.problems());
  }
}
