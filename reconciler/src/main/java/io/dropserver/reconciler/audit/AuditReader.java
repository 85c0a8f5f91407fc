package io.dropserver.reconciler.audit;

import io.dropserver.control.AuditRecord;
import io.dropserver.reconciler.audit.AuditSegments.Segment;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** Reads the audit log of a state folder, whether or not its server runs. Not thread-safe. */
public final class AuditReader {
  private final Path folder;
  private final Position operations = new Position(AuditSegments.OPERATIONS);
  private final Position failures = new Position(AuditSegments.FAILURES);

  /** How far a stream was read. */
  private static final class Position {
    private final String stream;
    private long segment;
    private long offset;

    Position(String stream) {
      this.stream = stream;
    }
  }

  public AuditReader(Path folder) {
    this.folder = folder;
  }

  /** Returns the records that were written since the last call, oldest first. */
  public List<AuditRecord> next(Predicate<AuditRecord> wanted) throws IOException {
    List<AuditRecord> records = new ArrayList<>();
    read(operations, wanted, records);
    read(failures, wanted, records);
    records.sort(Comparator.comparing(AuditRecord::time));
    return records;
  }

  private void read(Position position, Predicate<AuditRecord> wanted, List<AuditRecord> to)
      throws IOException {
    for (Segment segment : AuditSegments.list(folder, position.stream)) {
      if (segment.number() < position.segment) {
        continue;
      }
      if (segment.number() > position.segment) {
        position.segment = segment.number();
        position.offset = 0;
      }
      String lines = completeLines(segment.file(), position.offset);
      position.offset += lines.length();
      lines.lines().map(AuditJson::parse).flatMap(Optional::stream).filter(wanted).forEach(to::add);
    }
  }

  /** Returns the complete lines from an offset on; none if the server has deleted the file. */
  private static String completeLines(Path file, long offset) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(Math.max(0, channel.size() - offset)));
      channel.position(offset);
      while (bytes.hasRemaining() && channel.read(bytes) >= 0) {
        // until the size that was read first
      }
      // Latin-1 keeps one character for each byte; the lines are ASCII.
      String text = new String(bytes.array(), 0, bytes.position(), StandardCharsets.ISO_8859_1);
      return text.substring(0, text.lastIndexOf('\n') + 1);
    } catch (NoSuchFileException deleted) {
      return "";
    }
  }
}
