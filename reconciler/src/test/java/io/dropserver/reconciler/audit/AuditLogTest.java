package io.dropserver.reconciler.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dropserver.control.AuditOutcome;
import io.dropserver.control.AuditRecord;
import io.dropserver.control.AuditSource;
import io.dropserver.control.ControlException;
import io.dropserver.schema.host.AuditSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditLogTest {
  private static final Instant NOW = Instant.parse("2026-12-02T10:00:00Z");
  private static final AuditSource ROOT = AuditSource.account("root", 0, Optional.of("anna"));
  private static final long BOUND = 64 << 10;

  @TempDir Path state;
  private final AtomicLong nanos = new AtomicLong();

  private Path folder() {
    return state.resolve("audit");
  }

  private AuditLog open(AuditSettings settings) {
    return new AuditLog(folder(), settings, Clock.fixed(NOW, ZoneOffset.UTC), nanos::get);
  }

  private AuditLog open() {
    return open(new AuditSettings(BOUND, false, Optional.empty()));
  }

  private List<AuditRecord> records() throws IOException {
    return new AuditReader(folder()).next(record -> true);
  }

  private static AuditSource user(String name) {
    return AuditSource.user(name, InetAddress.ofLiteral("192.0.2.7"));
  }

  private static AuditSource client(int number) {
    return AuditSource.unverified(InetAddress.ofLiteral("2001:db8::" + number));
  }

  private long size() throws IOException {
    try (Stream<Path> files = Files.list(folder())) {
      return files.mapToLong(file -> file.toFile().length()).sum();
    }
  }

  @Test
  void aRecordIsOneLineThatOnlyTheServersUserCanRead() throws IOException {
    open().record(ROOT, "data discard", "data/id-2", AuditOutcome.DONE);
    Path file = folder().resolve("operations-00000001.jsonl");
    assertThat(Files.readString(file))
        .isEqualTo(
            """
            {"time":"2026-12-02T10:00:00Z","actor":"account/root","uid":0,"sudoUser":"anna",\
            "action":"data discard","object":"data/id-2","outcome":"done","from":"command"}
            """);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder())))
        .isEqualTo("rwx------");
  }

  @Test
  void aFloodOfFailedLogInsIsCountedAndDisplacesNoOtherRecord() throws IOException {
    AuditLog log = open(AuditSettings.DEFAULT);
    log.record(ROOT, "user enroll", "user/anna", AuditOutcome.DONE);
    int attempts = 100_000;
    for (int i = 0; i < attempts; i++) {
      log.record(client(i % 1_000), "log-in password", "user/u" + i % 900, AuditOutcome.REFUSED);
    }
    log.writeCounts();

    List<AuditRecord> records = records();
    assertThat(records.getFirst().action()).isEqualTo("user enroll");
    assertThat(records).hasSizeLessThan(AuditRates.BURST + AuditRates.MAX_COUNTED + 3);
    assertThat(records.stream().skip(1).mapToLong(it -> it.count().orElse(1L)).sum())
        .isEqualTo(attempts);
    assertThat(size()).isLessThan(100_000);
  }

  @Test
  void failuresOfADayAndMoreStayBelowTheirBoundAndKeepTheOperations() throws IOException {
    AuditLog log = open();
    log.record(ROOT, "user enroll", "user/anna", AuditOutcome.DONE);
    for (int hour = 0; hour < 10; hour++) {
      nanos.addAndGet(Duration.ofHours(1).toNanos());
      for (int i = 0; i < 40; i++) {
        log.record(client(i), "log-in password", "user/u" + i, AuditOutcome.REFUSED);
      }
      log.writeCounts();
    }
    assertThat(size()).isLessThan(BOUND);
    assertThat(records().getFirst().action()).isEqualTo("user enroll");
  }

  @Test
  void oneUserCannotHideOneActionBehindManyOthers() throws IOException {
    AuditLog log = open();
    for (int i = 0; i < 10_000; i++) {
      log.record(user("eve"), "log-in password", "session/" + i, AuditOutcome.DONE);
    }
    log.record(user("eve"), "backup restore", "appspace/notes", AuditOutcome.DONE);
    log.record(user("anna"), "log-in password", "session/a", AuditOutcome.DONE);
    assertThat(records())
        .hasSize(AuditRates.BURST + 2)
        .extracting(AuditRecord::object)
        .endsWith("appspace/notes", "session/a");
  }

  @Test
  void commandsAreNeverCountedButRotatedBelowTheBound() throws IOException {
    AuditLog log = open();
    IntStream.range(0, 600)
        .forEach(i -> log.record(ROOT, "data discard", "data/" + i, AuditOutcome.DONE));
    List<AuditRecord> records = records();
    assertThat(size()).isBetween(BOUND / 2, BOUND);
    assertThat(records.getLast().object()).isEqualTo("data/599");
    int first = Integer.parseInt(records.getFirst().object().substring(5));
    assertThat(records)
        .extracting(AuditRecord::object)
        .containsExactlyElementsOf(IntStream.range(first, 600).mapToObj(i -> "data/" + i).toList());
  }

  @Test
  void aLineThatACrashCutShortDamagesNoOther() throws IOException {
    open().record(ROOT, "pause", "appspace/a", AuditOutcome.DONE);
    Files.writeString(
        folder().resolve("operations-00000001.jsonl"),
        "{\"time\":\"2026-12",
        StandardOpenOption.APPEND);
    open().record(ROOT, "pause", "appspace/b", AuditOutcome.DONE);
    assertThat(records())
        .extracting(AuditRecord::object)
        .containsExactly("appspace/a", "appspace/b");
  }

  @Test
  void aReaderFollowsAcrossFiles() throws IOException {
    AuditLog log = open();
    AuditReader reader = new AuditReader(folder());
    assertThat(reader.next(it -> true)).isEmpty();
    int seen = 0;
    for (int round = 0; round < 20; round++) {
      int from = round * 20;
      IntStream.range(from, from + 20)
          .forEach(i -> log.record(ROOT, "pause", "appspace/" + i, AuditOutcome.DONE));
      seen += reader.next(it -> true).size();
    }
    assertThat(seen).isEqualTo(400);
    assertThat(AuditSegments.list(folder(), AuditSegments.OPERATIONS)).hasSizeGreaterThan(2);
  }

  @Test
  void textCannotForgeALineOrControlATerminal() throws IOException {
    open()
        .record(
            user("eve"),
            "passkey remove",
            "credential/x\n{\"actor\":\"account/root\"}\u001b[2J" + "y".repeat(500),
            AuditOutcome.DONE);
    assertThat(records())
        .singleElement()
        .satisfies(
            record -> {
              assertThat(record.object()).hasSize(300).doesNotContain("\n", "\u001b");
              assertThat(record.actor()).isEqualTo("user/eve");
            });
  }

  @Test
  void eachLineIsCopiedToTheConfiguredFileWhichAnotherProgramMayRotate() throws IOException {
    Path copy = state.resolve("copy.jsonl");
    AuditLog log = open(new AuditSettings(BOUND, true, Optional.of(copy)));
    log.record(ROOT, "pause", "appspace/a", AuditOutcome.DONE);
    Files.move(copy, state.resolve("copy.1"));
    log.record(client(1), "log-in password", "unknown", AuditOutcome.REFUSED);
    assertThat(state.resolve("copy.1")).content().contains("\"appspace/a\"").hasLineCount(1);
    assertThat(copy).content().contains("\"log-in password\"").hasLineCount(1);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(copy)))
        .isEqualTo("rw-------");
  }

  @Test
  void anOperationDoesNotFailBecauseItsRecordCannotBeWritten() throws IOException {
    Files.writeString(folder(), "not a folder");
    open().perform(ROOT, "pause", "appspace/a", () -> {});
  }

  @Test
  void anOperationIsRecordedHoweverItEnds() throws IOException {
    AuditLog log = open();
    log.perform(ROOT, "one", "instance", () -> {});
    assertThatThrownBy(
            () ->
                log.perform(
                    ROOT,
                    "two",
                    "instance",
                    (Runnable)
                        () -> {
                          throw new ControlException("no");
                        }))
        .isInstanceOf(ControlException.class);
    assertThatThrownBy(
            () ->
                log.perform(
                    ROOT,
                    "three",
                    "instance",
                    (Runnable)
                        () -> {
                          throw new IllegalStateException("broken");
                        }))
        .isInstanceOf(IllegalStateException.class);
    assertThat(records())
        .extracting(AuditRecord::outcome)
        .containsExactly("done", "refused", "failed");
  }
}
