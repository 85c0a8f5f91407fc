package io.dropserver.cli.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.cli.CommandRun;
import io.dropserver.cli.FakeServer;
import io.dropserver.control.EgressLine;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EgressCommandTest {
  private final FakeServer server = new FakeServer();

  @BeforeEach
  void twoRequests() {
    server.egressLines.add(
        new EgressLine(
            CommandRun.NOW,
            "GET",
            "https://api.example.org/v1/\u001b[2J",
            200,
            0,
            9,
            "allowed",
            ""));
    server.egressLines.add(
        new EgressLine(
            CommandRun.NOW, "POST", "https://other.example/", 403, 0, 0, "undecided", "7f3a2c91"));
  }

  @Test
  void eachRequestIsALineWithItsDecision() {
    CommandRun run = CommandRun.of(server, "egress", "log", "garden", "-f");
    assertThat(run.exitCode()).isZero();
    assertThat(server.calls).containsExactly("egress log garden -f");
    assertThat(run.out().lines())
        .satisfiesExactly(
            line -> assertThat(line).contains("allowed", "GET", "200", "api.example.org/v1/"),
            line -> assertThat(line).contains("undecided (7f3a2c91)", "POST", "other.example"));
  }

  @Test
  void anAppsUrlCannotMoveTheCursor() {
    assertThat(CommandRun.of(server, "egress", "log", "garden").out()).doesNotContain("\u001b");
  }

  @Test
  void jsonIsOneObjectALine() {
    CommandRun run = CommandRun.of(server, "egress", "log", "garden", "-o", "json");
    assertThat(run.out().lines())
        .hasSize(2)
        .allSatisfy(line -> assertThat(line).startsWith("{").contains("decision"));
  }

  @Test
  void egressListShowsUsageAsATable() {
    assertThat(CommandRun.of(server, "egress", "list").out())
        .containsPattern("garden +2 +10 +3 +1.* Ki");
  }
}
