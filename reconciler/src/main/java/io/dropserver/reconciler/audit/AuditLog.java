package io.dropserver.reconciler.audit;

import io.dropserver.base.concurrent.HeldLock;
import io.dropserver.base.text.ShortText;
import io.dropserver.base.text.UnsafeCharacters;
import io.dropserver.control.AuditOutcome;
import io.dropserver.control.AuditRecord;
import io.dropserver.control.AuditSource;
import io.dropserver.control.AuditTrail;
import io.dropserver.reconciler.audit.AuditRates.Operation;
import io.dropserver.schema.host.AuditSettings;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Writes the audit log as JSON lines in the state folder, and copies each line to the receivers of
 * the host configuration. A record that cannot be written is in the server's own log. Thread-safe.
 */
public final class AuditLog implements AuditTrail, AutoCloseable {
  /** How often counted operations are written. */
  public static final Duration COUNT_INTERVAL = Duration.ofHours(1);

  private static final Logger LOG = LoggerFactory.getLogger(AuditLog.class);

  /** The longest text of a record, in characters. */
  private static final int LONGEST_TEXT = 300;

  private final AuditSettings settings;
  private final Clock clock;

  /** Guards the fields below. */
  private final ReentrantLock lock = new ReentrantLock();

  private final AuditRates rates;
  private final AuditSegments operations;
  private final AuditSegments failures;

  /**
   * @param folder created with the first record
   */
  public AuditLog(Path folder, AuditSettings settings, Clock clock) {
    this(folder, settings, clock, System::nanoTime);
  }

  AuditLog(Path folder, AuditSettings settings, Clock clock, LongSupplier nanoTime) {
    this.settings = settings;
    this.clock = clock;
    this.rates = new AuditRates(nanoTime);
    // A quarter suffices for failures, which are counted beyond their rate.
    this.failures = new AuditSegments(folder, AuditSegments.FAILURES, settings.bytes() / 4);
    this.operations = new AuditSegments(folder, AuditSegments.OPERATIONS, settings.bytes() / 4 * 3);
  }

  @Override
  public void record(AuditSource source, String action, String object, AuditOutcome outcome) {
    Operation operation = new Operation(source, action, object, outcome);
    try (var _ = new HeldLock(lock)) {
      if (rates.admit(operation)) {
        write(operation, Optional.empty());
      }
    }
  }

  /** Writes one record for each kind of operation that was counted. */
  public void writeCounts() {
    try (var _ = new HeldLock(lock)) {
      rates.drain().forEach(it -> write(it.operation(), Optional.of(it.number())));
    }
  }

  private void write(Operation operation, Optional<Long> count) {
    AuditSource source = operation.source();
    AuditRecord record =
        new AuditRecord(
            clock.instant(),
            text(source.actor()),
            source.uid(),
            source.sudoUser().map(AuditLog::text),
            text(operation.action()),
            text(operation.object()),
            operation.outcome().text(),
            source.from(),
            count);
    byte[] line = AuditJson.line(record);
    try {
      (source.isVerified() ? operations : failures).append(line);
    } catch (IOException e) {
      LOG.error("the audit log cannot be written: {}; the record is {}", e.toString(), record);
    }
    copy(record, line);
  }

  private void copy(AuditRecord record, byte[] line) {
    if (settings.serverLog()) {
      LoggingEventBuilder entry =
          LOG.atInfo()
              .addKeyValue("actor", record.actor())
              .addKeyValue("action", record.action())
              .addKeyValue("object", record.object())
              .addKeyValue("outcome", record.outcome())
              .addKeyValue("from", record.from());
      entry = add(entry, "uid", record.uid());
      entry = add(entry, "sudoUser", record.sudoUser());
      entry = add(entry, "count", record.count());
      entry.log("audit");
    }
    settings.file().ifPresent(file -> append(file, line));
  }

  private static LoggingEventBuilder add(LoggingEventBuilder entry, String key, Optional<?> value) {
    return value.isPresent() ? entry.addKeyValue(key, value.get()) : entry;
  }

  /** Opens the file for each line, so that another program may rotate it. */
  private static void append(Path file, byte[] line) {
    try (FileChannel channel = AuditSegments.open(file)) {
      channel.position(channel.size());
      ByteBuffer rest = ByteBuffer.wrap(line);
      while (rest.hasRemaining()) {
        channel.write(rest);
      }
    } catch (IOException e) {
      LOG.warn("the copy of the audit log in {} cannot be written: {}", file, e.toString());
    }
  }

  private static String text(String value) {
    return ShortText.first(UnsafeCharacters.LINE.toSpaces(value), LONGEST_TEXT);
  }

  @Override
  public void close() {
    writeCounts();
  }
}
