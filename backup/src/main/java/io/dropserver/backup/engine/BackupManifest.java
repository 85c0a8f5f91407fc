package io.dropserver.backup.engine;

import io.dropserver.backup.BackupException;
import io.dropserver.backup.copy.PathText;
import io.dropserver.backup.copy.SampledEntry;
import io.dropserver.backup.copy.SkippedFile;
import io.dropserver.sandbox.linux.FileStatus;
import io.dropserver.state.DataFolder.Writer;
import io.dropserver.state.condition.BackupReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code dropserver.json} at the top of each snapshot and of each exported file.
 *
 * @param format the version of this format, which is 1
 * @param source the pinned source of the app version
 * @param users permissions of each member, without the owner
 * @param revision the commit that declared the appspace
 * @param takenAt when the last pass of the copy started
 * @param skipped the first files that were not backed up
 * @param sample whole files with their SHA-256, as earlier versions recorded them
 * @param entries entries with their SHA-256, which verification restores and compares
 */
public record BackupManifest(
    int format,
    String appspace,
    String app,
    String version,
    String content,
    String source,
    String owner,
    SortedMap<String, List<String>> users,
    String revision,
    Instant takenAt,
    long frozenMillis,
    long files,
    long bytes,
    long skippedCount,
    List<SkippedFile> skipped,
    List<Digest> sample,
    List<Sample> entries) {
  public static final String FILE = "dropserver.json";
  static final int FORMAT = 1;

  /**
   * @param path below {@code data}
   * @param sha256 in hex
   */
  public record Digest(String path, String sha256) {}

  /**
   * An entry with its digest.
   *
   * @param path below {@code data}, in the escaped form of {@link PathText}
   * @param sha256 in hex: of the range of a file, or of the target of a symlink
   * @see SampledEntry
   */
  public record Sample(
      FileStatus.Type type, String path, long offset, long length, long size, String sha256) {
    SampledEntry entry() {
      return new SampledEntry(type, PathText.unescape(path), offset, length, size);
    }
  }

  public BackupManifest {
    entries = Objects.requireNonNullElse(entries, List.of()); // of an earlier version
  }

  /** Returns all entries that a verification must compare. */
  List<Sample> promised() {
    return Stream.concat(
            sample.stream()
                .map(
                    each ->
                        new Sample(
                            FileStatus.Type.FILE,
                            PathText.escape(PathText.latin(each.path())),
                            0,
                            -1,
                            -1,
                            each.sha256())),
            entries.stream())
        .toList();
  }

  /** Computes the digests of entries of a mirror. */
  static List<Sample> digests(Path data, List<SampledEntry> entries) throws IOException {
    List<Sample> samples = new ArrayList<>();
    try (Digests digests = new Digests(data)) {
      for (SampledEntry entry : entries) {
        String sha256 =
            digests
                .of(entry)
                .orElseThrow(() -> new IOException("cannot read " + PathText.escape(entry.path())));
        samples.add(
            new Sample(
                entry.type(),
                PathText.escape(entry.path()),
                entry.offset(),
                entry.length(),
                entry.size(),
                sha256));
      }
    }
    return List.copyOf(samples);
  }

  /** Creates the manifest of the server's own state, with the digest of every file. */
  static BackupManifest ofServer(Path data, Instant takenAt) throws IOException {
    List<SampledEntry> entries = new ArrayList<>();
    try (Stream<Path> files = Files.list(data)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String name = PathText.latin(String.valueOf(file.getFileName()));
        entries.add(SampledEntry.wholeFile(name, Files.size(file)));
      }
    }
    return new BackupManifest(
        FORMAT,
        "",
        "",
        "",
        "",
        "",
        "",
        new TreeMap<>(),
        "",
        takenAt,
        0,
        entries.size(),
        entries.stream().mapToLong(SampledEntry::size).sum(),
        0,
        List.of(),
        List.of(),
        digests(data, entries));
  }

  /** Returns the version that wrote the data, or empty if no version has. */
  public Optional<Writer> writer() {
    return version.isEmpty() || content.isEmpty()
        ? Optional.empty()
        : Optional.of(new Writer(version, content));
  }

  byte[] json() {
    return JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsBytes(this);
  }

  static BackupManifest parse(String json) {
    try {
      BackupManifest backupManifest = JsonMapper.shared().readValue(json, BackupManifest.class);
      if (backupManifest.format() != FORMAT) {
        throw new BackupException(
            BackupReason.BACKUP_FAILED,
            "this backup has format %d, and this Dropserver supports up to format %d: use a newer Dropserver"
                .formatted(backupManifest.format(), FORMAT));
      }
      return backupManifest;
    } catch (JacksonException e) {
      throw new BackupException(
          BackupReason.BACKUP_FAILED, "no " + FILE + " of a backup: " + e.getOriginalMessage(), e);
    }
  }
}
