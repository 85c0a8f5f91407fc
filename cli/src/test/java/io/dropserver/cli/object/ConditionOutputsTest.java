package io.dropserver.cli.object;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.cli.CommandRun;
import io.dropserver.cli.FakeServer;
import io.dropserver.cli.output.ExitCode;
import io.dropserver.control.InstanceStatus;
import io.dropserver.control.ObjectStatus;
import io.dropserver.control.RevisionStatus;
import io.dropserver.state.condition.AppspaceReason;
import io.dropserver.state.condition.BackupReason;
import io.dropserver.state.condition.Condition;
import io.dropserver.state.condition.ConditionType;
import io.dropserver.state.condition.ObjectReason;
import io.dropserver.state.condition.Reason;
import io.dropserver.state.condition.Severity;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Makes the conditions of each type bad, and looks at each command that shows conditions. */
class ConditionOutputsTest {
  private static final String MESSAGE = "what is wrong and how to fix it";

  private static Condition condition(ConditionType type, boolean status, Reason reason) {
    return new Condition(type, status, reason, MESSAGE, Optional.empty(), CommandRun.NOW);
  }

  private static Condition bad(ConditionType type) {
    return condition(type, !type.normal(), AppspaceReason.CONVERGE_FAILED);
  }

  private static FakeServer server(List<Condition> ofServer, List<Condition> ofObject) {
    boolean ready = ofObject.stream().noneMatch(Condition::preventsReady);
    List<Condition> conditions = new ArrayList<>(ofObject);
    if (conditions.stream().noneMatch(each -> each.hasType(ConditionType.READY))) {
      conditions.add(condition(ConditionType.READY, ready, AppspaceReason.SERVING));
    }
    ObjectStatus object =
        new ObjectStatus(
            "Appspace",
            "garden",
            ready,
            ready ? "Serving" : "ConvergeFailed",
            ready ? "serving" : MESSAGE,
            Optional.empty(),
            "appspaces/garden.yaml:1:1",
            conditions,
            Optional.empty());
    FakeServer server = new FakeServer();
    server.status =
        new InstanceStatus(
            new RevisionStatus(
                Optional.of("a".repeat(40)),
                Optional.of(CommandRun.NOW),
                Optional.of("a".repeat(40)),
                Optional.of(CommandRun.NOW)),
            ready && ofServer.stream().noneMatch(Condition::preventsReady),
            false,
            "http://dropserver.localhost:8080",
            ofServer,
            List.of(object),
            List.of());
    return server;
  }

  private static int exitCode(FakeServer server) {
    return CommandRun.of(server, "status", "--exit-code").exitCode();
  }

  private static int expectedCode(ConditionType type) {
    return type.severity() == Severity.ERROR || type.preventsReady()
        ? ExitCode.DIFFERENCE
        : ExitCode.OK;
  }

  @ParameterizedTest
  @EnumSource(ConditionType.class)
  void statusShowsABadConditionOfTheServerByItsSeverity(ConditionType type) {
    FakeServer server = server(List.of(bad(type)), List.of());
    String line = bad(type).problem() + ": " + MESSAGE;
    assertThat(CommandRun.of(server, "status").out().contains(line))
        .isEqualTo(type.severity().needsAttention());
    assertThat(exitCode(server)).isEqualTo(expectedCode(type));
    assertThat(CommandRun.of(server, "status", "-o", "json").out())
        .containsPattern("\"severity\" ?: ?\"" + type.severity().text() + "\"");
  }

  @ParameterizedTest
  @EnumSource(ConditionType.class)
  void everyCommandShowsABadConditionOfAnObject(ConditionType type) {
    FakeServer server = server(List.of(), List.of(bad(type)));
    String status = CommandRun.of(server, "status").out();
    assertThat(status.contains(MESSAGE)).isEqualTo(type.severity().needsAttention());
    if (type.severity().needsAttention() && type != ConditionType.READY) {
      assertThat(status).contains("appspace/garden " + bad(type).problem() + ": " + MESSAGE);
      assertThat(CommandRun.of(server, "get", "appspaces").out()).contains(bad(type).problem());
      assertThat(CommandRun.of(server, "get", "appspaces", "-o", "wide").out())
          .contains(bad(type).problem());
    }
    assertThat(exitCode(server)).isEqualTo(expectedCode(type));
    for (String command : List.of("get", "describe")) {
      assertThat(CommandRun.of(server, command, "appspace/garden").out())
          .containsPattern(type.text() + " +(true|false) +" + type.severity().text())
          .contains(MESSAGE);
    }
    assertThat(CommandRun.of(server, "get", "appspace/garden", "-o", "yaml").out())
        .contains("severity: " + type.severity().text());
  }

  @ParameterizedTest
  @EnumSource(ConditionType.class)
  void aNormalConditionIsNotReported(ConditionType type) {
    Condition normal = condition(type, type.normal(), ObjectReason.APPLIED);
    FakeServer server = server(List.of(normal), List.of(normal));
    assertThat(CommandRun.of(server, "status").out()).doesNotContain(MESSAGE);
    assertThat(exitCode(server)).isZero();
  }

  @Test
  void anExpectedReasonIsNotAnError() {
    FakeServer server =
        server(List.of(), List.of(condition(ConditionType.BACKED_UP, false, BackupReason.NOT_YET)));
    assertThat(CommandRun.of(server, "status").out()).doesNotContain("BackedUp");
    assertThat(exitCode(server)).isZero();
  }

  @Test
  void aConditionOfAnotherReleaseIsNotHidden() {
    Condition unknown =
        new Condition("LaterType", false, "Later", MESSAGE, Optional.empty(), CommandRun.NOW);
    assertThat(CommandRun.of(server(List.of(unknown), List.of()), "status").out())
        .contains("LaterType: " + MESSAGE);
  }
}
