package io.dropserver.cli.object;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.cli.CommandRun;
import io.dropserver.cli.FakeServer;
import io.dropserver.cli.output.ExitCode;
import io.dropserver.control.InstanceStatus;
import io.dropserver.control.ObjectStatus;
import io.dropserver.control.RevisionStatus;
import io.dropserver.control.StatusProblem;
import io.dropserver.state.condition.Condition;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class StatusCommandTest {
  private static final String SERVED = "a1b2c3d4e5f60718293a4b5c6d7e8f9012345678";
  private static final String SEEN = "d4e5f60718293a4b5c6d7e8f9012345678a1b2c3";

  private static FakeServer refusing() {
    FakeServer server = new FakeServer();
    Condition ready =
        new Condition("Ready", true, "Serving", "serving", Optional.of(SERVED), CommandRun.NOW);
    server.status =
        new InstanceStatus(
            new RevisionStatus(
                Optional.of(SERVED),
                Optional.of(CommandRun.NOW.minus(Duration.ofMinutes(5))),
                Optional.of(SEEN),
                Optional.of(CommandRun.NOW)),
            false,
            false,
            "http://dropserver.localhost:8080",
            List.of(),
            List.of(
                new ObjectStatus(
                    "Appspace",
                    "notes",
                    true,
                    "Serving",
                    "serving",
                    Optional.of("http://notes.dropserver.localhost:8080"),
                    "appspaces/notes.yaml:3:1",
                    List.of(ready),
                    Optional.empty()),
                new ObjectStatus(
                    "Appspace",
                    "bad",
                    false,
                    "InstallFailed",
                    "evil \u001b[2J message",
                    Optional.empty(),
                    "appspaces/bad.yaml:3:1",
                    List.of(),
                    Optional.empty())),
            List.of(
                new StatusProblem(
                    "appspaces/bad.yaml",
                    5,
                    14,
                    "unknown key hots",
                    Optional.of("did you mean host?"))));
    return server;
  }

  @Test
  void showsTheServedAndTheRefusedRevisionWithItsErrors() {
    CommandRun run = CommandRun.of(refusing(), "status");
    assertThat(run.exitCode()).isZero();
    assertThat(run.out())
        .contains("serving a1b2c3d (5 min ago); refused d4e5f60 (just now):")
        .contains("appspaces/bad.yaml:5:14: error: unknown key hots (did you mean host?)")
        .contains("http://notes.dropserver.localhost:8080");
  }

  @Test
  void aRefusalIsPrintedOnceAndAMissingSecretIsShown() {
    FakeServer server = refusing();
    InstanceStatus before = server.status;
    Condition refused =
        new Condition(
            "RevisionRefused",
            true,
            "RevisionInvalid",
            "appspaces/bad.yaml:5:14: error: unknown key hots (did you mean host?)",
            Optional.of(SEEN),
            CommandRun.NOW);
    Condition missing =
        new Condition(
            "SecretMissing",
            true,
            "NotSet",
            "secret weather-key is not set; `dropserver secret set notes weather-key`",
            Optional.empty(),
            CommandRun.NOW);
    ObjectStatus notes = before.objects().getFirst();
    ObjectStatus lacking =
        new ObjectStatus(
            notes.kind(),
            notes.name(),
            true,
            notes.reason(),
            notes.message(),
            notes.url(),
            notes.source(),
            List.of(notes.conditions().getFirst(), missing),
            Optional.empty());
    server.status =
        new InstanceStatus(
            before.revision(),
            false,
            false,
            before.shellUrl(),
            List.of(refused),
            List.of(lacking),
            before.problems());
    assertThat(CommandRun.of(server, "status").out())
        .containsOnlyOnce("unknown key hots")
        .contains("appspace/notes SecretMissing: secret weather-key is not set");
  }

  @Test
  void jsonHasTheFormThatScriptsRelyOn() {
    CommandRun run = CommandRun.of(refusing(), "status", "-o", "json");
    JsonNode status = JsonMapper.shared().readTree(run.out());
    assertThat(status.at("/revision/served").asString()).isEqualTo(SERVED);
    assertThat(status.at("/revision/seen").asString()).isEqualTo(SEEN);
    assertThat(status.at("/ready").isBoolean()).isTrue();
    assertThat(status.at("/objects/0/kind").asString()).isEqualTo("Appspace");
    assertThat(status.at("/objects/0/conditions/0/type").asString()).isEqualTo("Ready");
    assertThat(status.at("/objects/1").has("url")).isFalse();
    assertThat(status.at("/problems/0/line").asInt()).isEqualTo(5);
    assertThat(status.at("/problems/0/column").asInt()).isEqualTo(14);
    assertThat(status.at("/problems/0/hint").asString()).startsWith("did you mean");
  }

  @Test
  void exitCodeOptionReportsObjectsThatAreNotReady() {
    assertThat(CommandRun.of(refusing(), "status", "--exit-code").exitCode())
        .isEqualTo(ExitCode.DIFFERENCE);
  }

  @Test
  void aMessageCannotActOnTheTerminal() {
    CommandRun run = CommandRun.onTerminal(refusing(), "status");
    assertThat(run.out()).contains("\u001b[32m").contains("␛[2J").doesNotContain("\u001b[2J");
  }

  @Test
  void aPipeGetsNoColour() {
    assertThat(CommandRun.of(refusing(), "status").out()).doesNotContain("\u001b");
  }

  @Test
  void getShowsTheConditionsOfAnObject() {
    CommandRun run = CommandRun.of(refusing(), "get", "appspaces", "notes");
    assertThat(run.out()).contains("appspaces/notes.yaml:3:1").contains("Ready").contains("true");
  }

  @Test
  void aMissingObjectIsAnError() {
    CommandRun run = CommandRun.of(refusing(), "get", "user", "nobody");
    assertThat(run.exitCode()).isEqualTo(ExitCode.ERROR);
    assertThat(run.err()).contains("nobody").contains("dropserver get user");
  }

  @Test
  void anUnknownKindIsRefusedWithTheKnownKinds() {
    CommandRun run = CommandRun.of(refusing(), "get", "pods");
    assertThat(run.exitCode()).isEqualTo(ExitCode.ERROR);
    assertThat(run.err()).contains("appspace").contains("egresswhitelist");
  }
}
