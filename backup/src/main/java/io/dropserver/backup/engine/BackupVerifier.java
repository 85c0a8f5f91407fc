package io.dropserver.backup.engine;

import static java.util.stream.Collectors.groupingBy;

import io.dropserver.backup.BackupException;
import io.dropserver.backup.ProgressListener;
import io.dropserver.backup.copy.PathText;
import io.dropserver.backup.engine.BackupManifest.Sample;
import io.dropserver.backup.restic.ResticRepository;
import io.dropserver.state.condition.BackupReason;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** Verifies that backed up data can be restored. Thread-safe. */
record BackupVerifier(BackupFolders folders, ResticRepository resticRepository) {
  /**
   * Restores all entries that the manifest promises and compares them with the digests that the
   * backup recorded. A backup that promises none is read completely.
   */
  Verification verifySample(
      String snapshot, BackupManifest backupManifest, ProgressListener progressListener) {
    List<Sample> promised = backupManifest.promised();
    if (promised.isEmpty()) {
      resticRepository.readAll(snapshot);
      return new Verification(
          backupManifest.files(), backupManifest.bytes(), backupManifest.bytes());
    }
    long bytes = compareWhole(snapshot, backupManifest, progressListener);
    for (List<Sample> ranges :
        promised.stream()
            .filter(each -> each.entry().isRange())
            .collect(groupingBy(Sample::path))
            .values()) {
      bytes += compareRanges(snapshot, backupManifest, ranges);
    }
    return new Verification(
        promised.size(), Math.min(bytes, backupManifest.bytes()), backupManifest.bytes());
  }

  /** Restores whole entries to disk, which are not larger than a range. Returns their bytes. */
  private long compareWhole(
      String snapshot, BackupManifest backupManifest, ProgressListener progressListener) {
    List<Sample> whole =
        backupManifest.promised().stream().filter(each -> !each.entry().isRange()).toList();
    if (whole.isEmpty()) {
      return 0;
    }
    Path target = folders.scratch().toAbsolutePath().resolve("verify-" + UUID.randomUUID());
    try {
      List<String> patterns =
          whole.stream().map(each -> ResticRepository.patternOfLatin(each.entry().path())).toList();
      resticRepository.restore(snapshot, "data", patterns, target, progressListener);
      return compare(backupManifest, whole, target);
    } catch (IOException e) {
      throw new BackupException(
          BackupReason.NOT_VERIFIED, "cannot read the restored data: " + e, e);
    } finally {
      BackupFolders.delete(target);
    }
  }

  private long compareRanges(
      String snapshot, BackupManifest backupManifest, List<Sample> unordered) {
    List<Sample> ranges =
        unordered.stream().sorted(Comparator.comparingLong(Sample::offset)).toList();
    RangeDigests digests = new RangeDigests(ranges);
    resticRepository.readFile(
        snapshot, "data/" + PathText.unescape(ranges.getFirst().path()), digests::read);
    Optional<Sample> different = digests.firstDifference();
    if (different.isPresent()) {
      throw differs(backupManifest, different.get());
    }
    long bytes = 0;
    long end = 0;
    for (Sample range : ranges) {
      bytes += Math.max(0, range.entry().end() - Math.max(end, range.offset()));
      end = Math.max(end, range.entry().end());
    }
    return bytes;
  }

  /**
   * Lets restic read every byte of a snapshot and check its digests, then verifies the sampled
   * entries.
   */
  Verification verifyAll(String snapshot, ProgressListener progressListener) {
    try {
      BackupManifest backupManifest =
          BackupManifest.parse(resticRepository.read(snapshot, BackupManifest.FILE));
      resticRepository.readAll(snapshot);
      if (!backupManifest.promised().isEmpty()) {
        verifySample(snapshot, backupManifest, progressListener);
      }
      return new Verification(
          backupManifest.files(), backupManifest.bytes(), backupManifest.bytes());
    } catch (BackupException e) {
      boolean damaged =
          e.reason() == BackupReason.REPOSITORY_DAMAGED || e.reason() == BackupReason.BACKUP_FAILED;
      throw damaged
          ? new BackupException(BackupReason.NOT_VERIFIED, String.valueOf(e.getMessage()), e)
          : e;
    }
  }

  /**
   * Compares restored data with all digests of its backup.
   *
   * @param data the restored files
   * @throws BackupException with the reason {@code NOT_VERIFIED} if they differ from the backup
   */
  static void compare(BackupManifest backupManifest, Path data) throws IOException {
    compare(backupManifest, backupManifest.promised(), data);
  }

  private static long compare(BackupManifest backupManifest, List<Sample> samples, Path data)
      throws IOException {
    long bytes = 0;
    try (Digests digests = new Digests(data.toAbsolutePath())) {
      for (Sample each : samples) {
        if (!digests.of(each.entry()).equals(Optional.of(each.sha256()))) {
          throw differs(backupManifest, each);
        }
        bytes += Math.max(0, each.length());
      }
    }
    return bytes;
  }

  private static BackupException differs(BackupManifest backupManifest, Sample sample) {
    return new BackupException(
        BackupReason.NOT_VERIFIED,
        "%s in the backup of %s differs from what was backed up: use an earlier snapshot, and run `restic check --read-data`"
            .formatted(sample.path(), backupManifest.appspace()));
  }
}
