package io.dropserver.cli.object;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.cli.CommandRun;
import io.dropserver.cli.output.ExitCode;
import io.dropserver.control.AuditOutcome;
import io.dropserver.control.AuditSource;
import io.dropserver.reconciler.audit.AuditLog;
import io.dropserver.schema.host.AuditSettings;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditCommandTest {
  @TempDir Path state;

  @BeforeEach
  void record() {
    record(
        Duration.ofDays(8),
        AuditSource.account("root", 0, Optional.of("anna")),
        "data discard",
        "data/id-2");
    record(
        Duration.ofDays(2),
        AuditSource.user("anna", InetAddress.ofLiteral("192.0.2.7")),
        "backup restore",
        "appspace/notes snapshot/ab12");
    record(
        Duration.ofDays(1),
        AuditSource.user("ben", InetAddress.ofLiteral("192.0.2.8")),
        "log-in password",
        "session/5e55");
  }

  private void record(Duration ago, AuditSource source, String action, String object) {
    Clock clock = Clock.fixed(CommandRun.NOW.minus(ago), ZoneOffset.UTC);
    new AuditLog(state.resolve("audit"), AuditSettings.DEFAULT, clock)
        .record(source, action, object, AuditOutcome.DONE);
  }

  private CommandRun audit(String... options) {
    String[] arguments = new String[options.length + 3];
    System.arraycopy(new String[] {"audit", "--state", state.toString()}, 0, arguments, 0, 3);
    System.arraycopy(options, 0, arguments, 3, options.length);
    return CommandRun.alone(arguments);
  }

  @Test
  void recordsAreATableForPeopleWithoutARunningServer() {
    assertThat(audit().out().lines())
        .hasSize(4)
        .element(1)
        .asString()
        .contains("account/root (sudo: anna)", "data discard", "data/id-2", "done", "command");
  }

  @Test
  void recordsAreJsonLinesForPrograms() {
    assertThat(audit("-o", "json", "--object", "notes").out())
        .isEqualTo(
            """
            {"time":"2026-11-23T10:00:00Z","actor":"user/anna","action":"backup restore",\
            "object":"appspace/notes snapshot/ab12","outcome":"done","from":"192.0.2.7"}
            """);
  }

  @Test
  void filtersChooseByTimeActorAndObject() {
    assertThat(audit("--since", "7d", "-o", "json").out()).hasLineCount(2);
    assertThat(audit("--actor", "anna", "-o", "json").out()).as("also sudo").hasLineCount(2);
    assertThat(audit("--actor", "user/anna", "-o", "json").out()).hasLineCount(1);
    assertThat(audit("--object", "snapshot/ab12", "-o", "json").out()).hasLineCount(1);
    assertThat(audit("--object", "note", "-o", "json").out()).isEmpty();
    assertThat(audit("--since", "yesterday").exitCode()).isEqualTo(ExitCode.ERROR);
  }
}
