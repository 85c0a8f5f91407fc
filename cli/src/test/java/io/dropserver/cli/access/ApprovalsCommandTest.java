package io.dropserver.cli.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.cli.CommandRun;
import io.dropserver.cli.FakeServer;
import io.dropserver.cli.output.ExitCode;
import io.dropserver.control.ApprovalStatus;
import io.dropserver.control.SuggestedEgressStatus;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ApprovalsCommandTest {
  private final FakeServer server = new FakeServer();

  @BeforeEach
  void twoRequests() {
    server.approvals =
        List.of(
            request("7f3a2c91", "open", Optional.of("dropserver/egress/garden/7f3a2c91")),
            request("00c0ffee", "denied", Optional.empty()));
  }

  private static ApprovalStatus request(String id, String state, Optional<String> branch) {
    return request(id, state, branch, List.of());
  }

  private static ApprovalStatus request(
      String id, String state, Optional<String> branch, List<SuggestedEgressStatus> suggested) {
    Instant asked = Instant.parse("2026-11-25T01:02:03Z");
    return new ApprovalStatus(
        id,
        "garden",
        "https://api.example.org/",
        List.of("GET"),
        state,
        Optional.of("evil \u001B[2J\u202E"),
        asked,
        asked,
        3,
        new java.util.TreeMap<>(java.util.Map.of("GET", 2L, "POST", 1L)),
        branch,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        List.of("It looks like `api.example.com`"),
        suggested);
  }

  @Test
  void suggestedDestinationsAndBrowserFeaturesAreShownLineByLine() {
    server.approvals =
        List.of(
            request(
                "7f3a2c91",
                "open",
                Optional.empty(),
                List.of(
                    new SuggestedEgressStatus(
                        "https://api.example.org/", List.of("GET"), Optional.empty()),
                    new SuggestedEgressStatus(
                        "browser:camera", List.of(), Optional.of("scan codes")))));
    assertThat(CommandRun.of(server, "approvals", "show", "7f3a2c91").out())
        .contains(
            "Suggests  https://api.example.org/ (GET)\n",
            "Suggests  browser:camera \u201cscan codes\u201d (unchecked)\n");
  }

  @Test
  void openRequestsAreListedWithTheirBranch() {
    CommandRun run = CommandRun.of(server, "approvals", "list");
    assertThat(run.exitCode()).isZero();
    assertThat(run.out())
        .contains("7f3a2c91", "https://api.example.org/", "dropserver/egress/garden/7f3a2c91")
        .doesNotContain("00c0ffee");
    assertThat(CommandRun.of(server, "approvals", "list", "--all").out()).contains("00c0ffee");
    assertThat(CommandRun.of(server, "approvals", "list", "--exit-code").exitCode())
        .isEqualTo(ExitCode.DIFFERENCE);
  }

  @Test
  void jsonOmitsAbsentFields() {
    CommandRun run = CommandRun.of(server, "approvals", "list", "-o", "json");
    assertThat(run.out())
        .contains("\"requests\"")
        .containsOnlyOnce("\"branch\"")
        .contains("00c0ffee");
  }

  @Test
  void appTextIsPrintedWithoutControlCharacters() {
    CommandRun run = CommandRun.of(server, "approvals", "show", "7f3a2c91");
    assertThat(run.out())
        .contains("App says", "unchecked", "It looks like")
        .doesNotContain("\u001B[2J", "\u202E");
  }

  @Test
  void anUnknownRequestIsOneSentence() {
    CommandRun run = CommandRun.of(server, "approvals", "show", "11111111");
    assertThat(run.exitCode()).isEqualTo(ExitCode.ERROR);
    assertThat(run.err()).contains("there is no request for approval 11111111");
  }

  @Test
  void statusShowsOpenRequestsAndTheirBranch() {
    assertThat(CommandRun.of(server, "status").out())
        .contains("1 open and 0 queued requests", "on branch dropserver/egress/garden/7f3a2c91");
  }
}
