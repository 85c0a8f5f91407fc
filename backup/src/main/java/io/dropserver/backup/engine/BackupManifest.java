package io.dropserver.backup.engine;

import io.dropserver.backup.BackupException;
import io.dropserver.backup.copy.SkippedFile;
import io.dropserver.schema.state.DataFolder.Writer;
import io.dropserver.schema.status.BackupReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.SerializationFeature;
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
 * @param sample files with their SHA-256, which verification restores and compares
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
    List<Digest> sample) {
  public static final String FILE = "dropserver.json";
  static final int FORMAT = 1;

  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build();

  /**
   * @param path below {@code data}
   * @param sha256 in hex
   */
  public record Digest(String path, String sha256) {}

  /** Creates the manifest of the server's own state, with the digest of every file. */
  static BackupManifest ofServer(Path data, Instant takenAt) throws IOException {
    List<Digest> sample = new ArrayList<>();
    long bytes = 0;
    try (Stream<Path> files = Files.list(data)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        sample.add(new Digest(String.valueOf(file.getFileName()), Digests.of(file)));
        bytes += Files.size(file);
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
        sample.size(),
        bytes,
        0,
        List.of(),
        sample);
  }

  /** Returns the version that wrote the data, or empty if no version has. */
  public Optional<Writer> writer() {
    return version.isEmpty() || content.isEmpty()
        ? Optional.empty()
        : Optional.of(new Writer(version, content));
  }

  byte[] json() {
    return MAPPER.writeValueAsBytes(this);
  }

  static BackupManifest parse(String json) {
    try {
      BackupManifest backupManifest = MAPPER.readValue(json, BackupManifest.class);
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
