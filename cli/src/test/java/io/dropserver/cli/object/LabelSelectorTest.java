package io.dropserver.cli.object;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.dropserver.cli.CommandRun;
import io.dropserver.cli.FakeServer;
import io.dropserver.cli.output.CommandException;
import io.dropserver.cli.output.ExitCode;
import io.dropserver.control.ObjectStatus;
import io.dropserver.state.condition.Event;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

class LabelSelectorTest {
  private final FakeServer server = new FakeServer();

  @BeforeEach
  void serveObjects() {
    server.show(
        object("Appspace", "notes", Map.of("team", "family", "example.org/tier", "1")),
        object("Appspace", "diary", Map.of("team", "work", "old", "")),
        object("Appspace", "garden", Map.of()),
        object("User", "notes", Map.of("team", "work")));
    for (String name : List.of("notes", "diary", "gone")) {
      server.events.add(
          new Event(CommandRun.NOW, "Appspace", name, "Applied", name + " changed", false));
    }
  }

  private static ObjectStatus object(String kind, String name, Map<String, String> labels) {
    return new ObjectStatus(
        kind,
        name,
        true,
        "Serving",
        "serves",
        Optional.empty(),
        kind + "-" + name + ".yaml",
        List.of(),
        Optional.empty(),
        new TreeMap<>(labels),
        List.of(),
        List.of());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "team=family | notes",
        "team==family | notes",
        " team = family | notes",
        "example.org/tier=1 | notes",
        "team!=family | diary garden",
        "team | notes diary",
        "!team | garden",
        "! team | garden",
        "old= | diary",
        "old!= | notes garden",
        "team in (family,work) | notes diary",
        "team in( family , work ) | notes diary",
        "team in (other) | ''",
        "team notin (family) | diary garden",
        "old in () | diary",
        "team,!old | notes",
        "team in (family,work), old | diary",
        "team=family,team=work | ''",
        "in in (in) | ''",
        "in | ''",
      })
  void aSelectorSelectsLikeThatOfKubectl(String selector, String names) {
    CommandRun run = CommandRun.of(server, "get", "appspaces", "-l", selector, "-o", "json");
    assertThat(run.err()).isEmpty();
    assertThat(
            JsonMapper.shared()
                .readTree(run.out())
                .path("objects")
                .valueStream()
                .map(each -> each.path("name").asString()))
        .containsExactly(names.isEmpty() ? new String[0] : names.split(" "));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'' | empty condition",
        "team, | empty condition",
        ",team | empty condition",
        "team=a=b | \"a=b\"",
        "team=fam ily | not a condition",
        "-team=a | the key of a label",
        "team=-a | the value of a label",
        "team=a! | the value of a label",
        "team in (a | not a condition",
        "team in a) | not a condition",
        "team in (a,b)) | not a condition",
        "team in (-) | the value of a label",
        "team is (a) | not a condition",
        "team in (a) x | not a condition",
        "!team=a | not a condition",
        "!!team | not a condition",
        "=a | not a condition",
        "team=(a) | the value of a label",
        "Example.org/x=a | the key of a label",
        "team>1 | the key of a label",
      })
  void aMistakeIsNamedWithTheRemedy(String selector, String message) {
    assertThatThrownBy(() -> LabelSelector.parse(selector))
        .isInstanceOfSatisfying(
            CommandException.class,
            mistake -> {
              assertThat(mistake).hasMessageContaining(message);
              assertThat(mistake.remedy())
                  .startsWithIgnoringCase(message.contains("condition") ? "write k=v" : "use ");
            });
    for (String command : List.of("get", "status", "events")) {
      CommandRun run = CommandRun.of(server, command, "-l", selector);
      assertThat(run.exitCode()).as(command).isEqualTo(ExitCode.ERROR);
      assertThat(run.out()).isEmpty();
    }
  }

  @Test
  void statusShowsTheSelectedObjectsAndTheStateOfTheInstance() {
    CommandRun run = CommandRun.of(server, "status", "-l", "team=family");
    assertThat(run.out()).contains("notes").doesNotContain("diary", "garden", "User");
    CommandRun json = CommandRun.of(server, "status", "--selector", "team=family", "-o", "json");
    assertThat(JsonMapper.shared().readTree(json.out()).path("objects")).hasSize(1);
  }

  @Test
  void eventsAreThoseOfSelectedObjects() {
    assertThat(CommandRun.of(server, "events", "-l", "team=family").out())
        .contains("notes changed")
        .doesNotContain("diary", "gone");
    assertThat(CommandRun.of(server, "events", "-l", "!nothing").out())
        .contains("notes changed", "diary changed")
        .doesNotContain("gone");
    assertThat(CommandRun.of(server, "events").out()).contains("gone changed");
  }

  @Test
  void aWatchRepeatsNoEventWhenAnObjectLeavesTheSelection() throws Exception {
    StringBuilder out = new StringBuilder();
    Thread watch =
        Thread.ofPlatform()
            .start(
                () ->
                    out.append(
                        CommandRun.of(server, "events", "--watch", "-l", "team", "-o", "json")
                            .out()));
    await().until(() -> server.eventCalls.get() > 1);
    server.show(object("Appspace", "diary", Map.of("team", "work")));
    int calls = server.eventCalls.get();
    await().until(() -> server.eventCalls.get() > calls + 1);
    watch.interrupt();
    assertThat(watch.join(Duration.ofSeconds(30))).isTrue();
    assertThat(out.toString().lines()).hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"get appspace/notes", "get notes", "events --for appspace/notes"})
  void aSelectorAndANameExcludeEachOther(String command) {
    CommandRun run = CommandRun.of(server, (command + " -l team=family").split(" "));
    assertThat(run.exitCode()).isEqualTo(ExitCode.ERROR);
    assertThat(run.err()).contains("a selector cannot be combined with the name of an object");
  }

  @Test
  void labelsAreShownOnRequestAndInAllStructuredForms() {
    String labels = "example.org/tier=1,team=family";
    assertThat(CommandRun.of(server, "get").out()).doesNotContain(labels, "LABELS");
    assertThat(CommandRun.of(server, "get", "--show-labels").out()).contains("LABELS", labels);
    assertThat(CommandRun.of(server, "get", "--show-labels", "-o", "wide").out())
        .contains("LABELS", labels);
    assertThat(CommandRun.of(server, "describe", "appspace/notes").out())
        .contains("labels:  " + labels);
    assertThat(CommandRun.of(server, "get", "appspace/notes", "-o", "yaml").out())
        .contains("labels:\n  example.org/tier: '1'\n  team: family\n");
  }
}
