package io.dropserver.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.cli.output.ExitCode;
import io.dropserver.cli.output.TimeText;
import io.dropserver.control.InstanceStatus;
import io.dropserver.control.LogLine;
import io.dropserver.control.ObjectStatus;
import io.dropserver.control.RevisionStatus;
import io.dropserver.control.StatusProblem;
import io.dropserver.control.SyncResult;
import io.dropserver.control.UserStatus;
import io.dropserver.state.condition.Event;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ControlCommandsTest {
  private final FakeServer server = new FakeServer();

  @Test
  void eachCommandSendsOneRequestToTheServer() {
    CommandRun.of(server, "suspend");
    CommandRun.of(server, "resume");
    CommandRun.of(server, "retry", "appspaces/notes");
    CommandRun.of(server, "retry", "certificate/notes.example.org");
    CommandRun.of(server, "pause", "notes");
    CommandRun.of(server, "unpause", "notes");
    CommandRun.of(server, "data", "adopt", "d1", "notes");
    CommandRun.of(server, "data", "start-empty", "notes");
    CommandRun.of(server, "data", "discard", "d1", "--yes");
    CommandRun.of(
        server, "approvals", "approve", "7f", "--url", "https://a/v1/", "--methods", "get,PUT");
    CommandRun.of(server, "approvals", "deny", "7f");
    CommandRun.of(server, "approvals", "retry", "7f");
    CommandRun.of(server, "sync", "--wait", "--timeout", "5", "--accept", "abc");
    assertThat(server.calls)
        .containsExactly(
            "suspend",
            "resume",
            "retry Appspace/notes",
            "retry Certificate/notes.example.org",
            "pause notes",
            "unpause notes",
            "adopt d1 notes",
            "start empty notes",
            "discard d1",
            "approve 7f https://a/v1/ [GET, PUT] by ",
            "deny 7f by ",
            "retry approval 7f",
            "sync abc PT5S");
  }

  @Test
  void aRetryPrintsWhatBecameOfTheObject() {
    server.show(
        new ObjectStatus(
            "Appspace",
            "notes",
            false,
            "HealthCheckFailed",
            "status 500\u001b[2J",
            Optional.empty(),
            "",
            List.of(),
            Optional.empty()));
    assertThat(CommandRun.of(server, "retry", "appspace/notes").out().lines())
        .containsExactly(
            "retried Appspace/notes: now not ready, HealthCheckFailed: status 500␛[2J",
            "An attempt that takes more than 20 s continues; `dropserver status` shows its"
                + " result.");
  }

  @Test
  void dataIsNotDiscardedWithoutConfirmation() {
    CommandRun run = CommandRun.of(server, "data", "discard", "d1");
    assertThat(run.exitCode()).isEqualTo(ExitCode.ERROR);
    assertThat(run.err()).contains("--yes");
    assertThat(server.calls).isEmpty();
  }

  @Test
  void commandsThatEndAccessNameWhatTheyEnded() {
    assertThat(CommandRun.of(server, "user", "revoke", "alice").out())
        .isEqualToIgnoringNewLines("ended 0 sessions and 1 unused login link");
    assertThat(CommandRun.of(server, "user", "credentials", "alice", "--remove", "password").out())
        .isEqualToIgnoringNewLines("removed; ended 2 sessions and 0 unused login links");
  }

  @Test
  void theListOfUsersShowsUntilWhenALoginLinkIsValid() {
    Instant until = CommandRun.NOW.plusSeconds(3600);
    server.users =
        List.of(
            new UserStatus(
                "alice", "Alice", "admin", List.of(), List.of(), List.of(), Optional.of(until)));
    assertThat(CommandRun.of(server, "user", "list").out())
        .contains("LINK UNTIL", TimeText.local(until));
    assertThat(CommandRun.of(server, "user", "list", "-o", "json").out())
        .contains("\"linkUntil\"", until.toString());
  }

  @Test
  void aRefusedRequestIsOneSentence() {
    CommandRun run = CommandRun.of(server, "pause", "missing");
    assertThat(run.exitCode()).isEqualTo(ExitCode.ERROR);
    assertThat(run.err()).isEqualToIgnoringNewLines("error: there is no appspace named missing");
  }

  @Test
  void waitingForARevisionThatIsServedIsDone() {
    server.syncResult = new SyncResult(Optional.of("abc"), true, false, "serving abc");
    CommandRun run = CommandRun.of(server, "sync", "--wait");
    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).contains("serving abc");
  }

  @Test
  void aServedRevisionWithAnObjectThatIsNotReadyHasItsOwnExitCode() {
    server.syncResult = new SyncResult(Optional.of("abc"), true, false, "serving abc");
    InstanceStatus before = server.status;
    server.status =
        new InstanceStatus(
            before.revision(),
            false,
            false,
            "",
            List.of(),
            List.of(
                new ObjectStatus(
                    "Appspace",
                    "bad",
                    false,
                    "InstallFailed",
                    "cannot be installed",
                    Optional.empty(),
                    "bad.yaml:1:1",
                    List.of(),
                    Optional.empty())),
            List.of());
    CommandRun run = CommandRun.of(server, "sync", "--wait", "-o", "yaml");
    assertThat(run.exitCode()).isEqualTo(ExitCode.NOT_READY);
    assertThat(run.out()).contains("served: true");
    assertThat(CommandRun.of(server, "sync").exitCode()).as("without --wait").isZero();
  }

  @Test
  void latestRefersToTheNamedAppspace() {
    CommandRun.of(server, "backup", "verify", "latest", "--of", "garden");
    CommandRun.of(server, "backup", "restore", "latest", "--of", "garden", "--to", "other");
    CommandRun.of(server, "backup", "export", "garden", "/tmp/x.tar", "--snapshot", "latest");
    CommandRun.of(server, "confirm", "garden", "--restore", "latest");
    assertThat(server.calls).hasSize(4);
    assertThat(server.calls.get(0)).contains("VERIFY", "[garden]", "[latest]");
    assertThat(server.calls.get(1)).contains("RESTORE", "[other]", "[latest:garden]");
    assertThat(CommandRun.of(server, "backup", "verify", "latest").err()).contains("--of");
  }

  @Test
  void anErasureNeedsATargetAndAConfirmationAndFailsWhenIncomplete() {
    assertThat(CommandRun.of(server, "backup", "erase", "--yes").err())
        .contains("add APPSPACE or --user NAME");
    assertThat(CommandRun.of(server, "backup", "erase", "garden").err())
        .contains("of garden would be erased", "confirm with --yes");
    assertThat(CommandRun.of(server, "data", "discard", "01", "--with-backups").err())
        .contains("every backup repository", "confirm with --yes");
    assertThat(server.calls).isEmpty();
    CommandRun complete =
        CommandRun.of(server, "backup", "erase", "garden", "--user", "user/bob", "--yes");
    assertThat(complete.exitCode()).isZero();
    assertThat(complete.out()).contains("erased what was asked");
    CommandRun incomplete =
        CommandRun.of(server, "data", "discard", "01", "--with-backups", "--yes");
    assertThat(incomplete.exitCode()).isEqualTo(ExitCode.ERROR);
    assertThat(incomplete.out()).contains("erased what was asked");
    assertThat(server.calls)
        .containsExactly("erase of garden that belonged to bob", "erase of the data 01");
  }

  @Test
  void waitingForARevisionThatIsRefusedIsAnErrorWithItsPlace() {
    server.syncResult = new SyncResult(Optional.of("abc"), false, false, "refused abc");
    server.status =
        new InstanceStatus(
            new RevisionStatus(
                Optional.of("old"), Optional.empty(), Optional.of("abc"), Optional.empty()),
            false,
            false,
            "",
            List.of(),
            List.of(),
            List.of(new StatusProblem("a.yaml", 3, 7, "unknown key", Optional.empty())));
    CommandRun run = CommandRun.of(server, "sync", "--wait");
    assertThat(run.exitCode()).isEqualTo(ExitCode.ERROR);
    assertThat(run.err()).contains("a.yaml:3:7: error: unknown key");
  }

  @Test
  void waitingForAnUnfinishedRevisionExitsWithDifference() {
    server.syncResult = new SyncResult(Optional.of("abc"), false, true, "still converging");
    assertThat(CommandRun.of(server, "sync", "--wait").exitCode()).isEqualTo(ExitCode.DIFFERENCE);
  }

  @Test
  void logsOfAnAppCannotActOnTheTerminal() {
    server.logLines.add(new LogLine(CommandRun.NOW, "stdout", "\u001b]52;c;ZXZpbA==\u0007hi"));
    CommandRun run = CommandRun.of(server, "logs", "notes", "-f");
    assertThat(run.out()).contains("␛]52;c;ZXZpbA==␇hi").doesNotContain("\u001b");
    assertThat(server.calls).containsExactly("logs notes -f");
  }

  @Test
  void logsAsJsonAreOneValuePerLine() {
    server.logLines.add(new LogLine(CommandRun.NOW, "stdout", "a\u001bb"));
    server.logLines.add(new LogLine(CommandRun.NOW, "stderr", "c"));
    CommandRun run = CommandRun.of(server, "logs", "notes", "-o", "json");
    assertThat(run.out().lines()).hasSize(2).allMatch(line -> line.startsWith("{"));
    assertThat(run.out()).doesNotContain("\u001b");
  }

  @Test
  void eventsAreShownTheNewestLast() {
    server.events.add(new Event(CommandRun.NOW, "Appspace", "notes", "Served", "new", false));
    server.events.add(
        new Event(CommandRun.NOW.minusSeconds(60), "Appspace", "notes", "Created", "old", false));
    List<String> lines = CommandRun.of(server, "events").out().lines().toList();
    assertThat(lines.getLast()).contains("new");
  }
}
