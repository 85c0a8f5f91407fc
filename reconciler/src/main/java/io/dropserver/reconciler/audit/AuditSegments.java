package io.dropserver.reconciler.audit;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The files of one stream of the audit log, {@code STREAM-NUMBER.jsonl}. Lines are appended to the
 * file with the highest number. A full file is followed by the next number, and the oldest files
 * are deleted, so that the files together stay below a bound. No line changes after it was written.
 * Not thread-safe.
 */
final class AuditSegments {
  /** What the server's user did, and what users did after a log-in. */
  static final String OPERATIONS = "operations";

  /** What clients without a log-in did. They cannot displace the other stream. */
  static final String FAILURES = "failures";

  private static final int FILES = 8;

  private final Path folder;
  private final String stream;
  private final long fileBytes;
  private long number;
  private long size;

  /** A file of a stream. */
  record Segment(long number, Path file) {}

  /**
   * @param bytes the bound of all files together
   */
  AuditSegments(Path folder, String stream, long bytes) {
    this.folder = folder;
    this.stream = stream;
    this.fileBytes = bytes / FILES;
  }

  /** Returns the files of a stream, oldest first. */
  static List<Segment> list(Path folder, String stream) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    Pattern name = Pattern.compile(stream + "-([0-9]{8,18})\\.jsonl");
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .flatMap(
              file -> {
                Matcher matcher =
                    name.matcher(String.valueOf(Objects.requireNonNull(file.getFileName())));
                return matcher.matches()
                    ? Stream.of(new Segment(Long.parseLong(matcher.group(1)), file))
                    : Stream.empty();
              })
          .sorted((a, b) -> Long.compare(a.number(), b.number()))
          .toList();
    }
  }

  /** Appends lines, each with its line feed, and returns after they are on disk. */
  void append(byte[] lines) throws IOException {
    if (number == 0) {
      resume();
    }
    if (size > 0 && size + lines.length > fileBytes) {
      number++;
      size = 0;
      deleteOldest();
    }
    try (FileChannel file = open(file(number))) {
      if (endsInsideLine(file)) {
        writeAll(file, new byte[] {'\n'});
      }
      writeAll(file, lines);
      file.force(false);
      size = file.size();
    }
  }

  private void resume() throws IOException {
    if (!Files.isDirectory(folder)) {
      Files.createDirectory(
          folder,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
    List<Segment> found = list(folder, stream);
    number = found.isEmpty() ? 1 : found.getLast().number();
    size = found.isEmpty() ? 0 : Files.size(found.getLast().file());
  }

  private void deleteOldest() throws IOException {
    for (Segment segment : list(folder, stream)) {
      if (segment.number() <= number - FILES) {
        Files.deleteIfExists(segment.file());
      }
    }
  }

  private Path file(long segment) {
    return folder.resolve("%s-%08d.jsonl".formatted(stream, segment));
  }

  static FileChannel open(Path file) throws IOException {
    return FileChannel.open(
        file,
        Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
  }

  /** Moves to the end, and returns whether a crash or a full disk cut the last line short. */
  private static boolean endsInsideLine(FileChannel file) throws IOException {
    long end = file.size();
    file.position(end);
    ByteBuffer last = ByteBuffer.allocate(1);
    return end > 0 && file.read(last, end - 1) == 1 && last.get(0) != '\n';
  }

  private static void writeAll(FileChannel file, byte[] bytes) throws IOException {
    ByteBuffer rest = ByteBuffer.wrap(bytes);
    while (rest.hasRemaining()) {
      file.write(rest);
    }
  }
}
