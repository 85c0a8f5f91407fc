package io.dropserver.cli.object;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.cli.CommandRun;
import io.dropserver.cli.FakeServer;
import io.dropserver.cli.output.ExitCode;
import io.dropserver.control.LogLine;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LogsCommandTest {
  private final FakeServer server = new FakeServer();

  @BeforeEach
  void log() {
    for (int i = 1; i <= 5; i++) {
      server.logLines.add(line(60 - 10L * i, "line " + i));
    }
  }

  private static LogLine line(long minutesAgo, String text) {
    return new LogLine(CommandRun.NOW.minus(Duration.ofMinutes(minutesAgo)), "stdout", text);
  }

  private List<String> logs(String... options) {
    String[] all = new String[options.length + 2];
    all[0] = "logs";
    all[1] = "notes";
    System.arraycopy(options, 0, all, 2, options.length);
    CommandRun run = CommandRun.of(server, all);
    assertThat(run.err()).isEmpty();
    return run.out().lines().map(text -> text.replaceFirst(".*  ", "")).toList();
  }

  @Test
  void tailShowsTheLastLines() {
    assertThat(logs("--tail", "2")).containsExactly("line 4", "line 5");
    assertThat(logs("--tail", "0")).isEmpty();
    assertThat(logs("--tail", "99")).hasSize(5);
  }

  @Test
  void sinceIsADurationOrATime() {
    assertThat(logs("--since", "25m")).containsExactly("line 4", "line 5");
    assertThat(logs("--since", "2026-11-25T09:50:00Z")).containsExactly("line 5");
  }

  @Test
  void grepFindsARegularExpressionAndCountsBeforeTheTail() {
    assertThat(logs("--grep", "[135]$")).containsExactly("line 1", "line 3", "line 5");
    assertThat(logs("--grep", "[135]$", "--tail", "2")).containsExactly("line 3", "line 5");
  }

  @Test
  void aFollowedTailContinuesAfterTheStoredLines() {
    List<LogLine> stored = List.copyOf(server.logLines);
    server.followedLines.addAll(stored);
    server.followedLines.add(new LogLine(stored.getLast().time(), "stdout", "same instant"));
    server.followedLines.add(line(0, "new"));
    assertThat(logs("--tail", "1", "-f")).containsExactly("line 5", "same instant", "new");
  }

  @Test
  void aFollowedTailMissesNothingIfTheServerRemovedOldLines() {
    server.followedLines.add(line(0, "new"));
    assertThat(logs("--tail", "1", "-f")).containsExactly("line 5", "new");
  }

  @ParameterizedTest
  @ValueSource(strings = {"--tail=-1", "--since=yesterday", "--grep=[a"})
  void anOptionThatCannotBeUnderstoodIsAnErrorWithARemedy(String option) {
    CommandRun run = CommandRun.of(server, "logs", "notes", option);
    assertThat(run.exitCode()).isEqualTo(ExitCode.ERROR);
    assertThat(run.err()).contains("→");
    assertThat(run.out()).isEmpty();
  }
}
