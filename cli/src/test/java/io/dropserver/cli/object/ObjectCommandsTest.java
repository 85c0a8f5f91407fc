package io.dropserver.cli.object;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dropserver.cli.CommandRun;
import io.dropserver.cli.FakeServer;
import io.dropserver.cli.output.ExitCode;
import io.dropserver.control.AppspaceUsage;
import io.dropserver.control.EgressLine;
import io.dropserver.control.ObjectStatus;
import io.dropserver.control.UsagePoint;
import io.dropserver.state.condition.Condition;
import io.dropserver.state.condition.Event;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ObjectCommandsTest {
  private final FakeServer server = new FakeServer();

  @BeforeEach
  void serveTwoObjects() {
    server.show(appspace("notes", true, "serves hello 1.0.0"), app());
  }

  private static ObjectStatus appspace(String name, boolean ready, String message) {
    return appspace(name, ready, message, true, false);
  }

  private static ObjectStatus appspace(
      String name, boolean ready, String message, boolean live, boolean asleep) {
    UsagePoint now = new UsagePoint(CommandRun.NOW, 64 << 20, 250, 0, 3, 0, 5 << 20);
    return new ObjectStatus(
        "Appspace",
        name,
        ready,
        ready ? "Serving" : "InstallFailed",
        message,
        Optional.of("http://" + name + ".dropserver.localhost:8080"),
        "appspaces/" + name + ".yaml:3:1",
        List.of(
            new Condition(
                "Ready",
                ready,
                "Serving",
                message,
                Optional.empty(),
                CommandRun.NOW.minus(Duration.ofHours(3)))),
        Optional.of(new AppspaceUsage(live, asleep, 256 << 20, 2000, 32, 1 << 30, now, List.of())));
  }

  private static ObjectStatus app() {
    return new ObjectStatus(
        "App",
        "hello",
        true,
        "Applied",
        "in effect",
        Optional.empty(),
        "apps/hello.yaml:3:1",
        List.of(),
        Optional.empty());
  }

  @Test
  void getWithoutAKindListsAllObjects() {
    assertThat(CommandRun.of(server, "get").out()).contains("Appspace", "notes", "App", "hello");
    assertThat(CommandRun.of(server, "get", "apps").out())
        .contains("hello")
        .doesNotContain("notes");
  }

  @ParameterizedTest
  @ValueSource(strings = {"appspace/notes", "appspaces/notes"})
  void getAcceptsKindAndNameWithASlash(String name) {
    assertThat(CommandRun.of(server, "get", name).out()).contains("appspaces/notes.yaml:3:1");
    CommandRun missing = CommandRun.of(server, "get", "appspace/none");
    assertThat(missing.exitCode()).isEqualTo(ExitCode.ERROR);
    assertThat(missing.err()).contains("there is no Appspace named none", "get appspace");
    assertThat(CommandRun.of(server, "get", "appspace/a", "b").exitCode())
        .isEqualTo(ExitCode.ERROR);
    assertThat(CommandRun.of(server, "get", "appspace/").exitCode()).isEqualTo(ExitCode.ERROR);
  }

  @Test
  void wideAddsColumns() {
    assertThat(CommandRun.of(server, "get", "-o", "wide").out())
        .contains(
            "SINCE",
            "SANDBOX",
            "awake",
            "MEMORY",
            "64.0 MiB",
            "3 h ago",
            "appspaces/notes.yaml:3:1");
    assertThat(CommandRun.of(server, "get").out()).doesNotContain("MEMORY", "SANDBOX");
  }

  @Test
  void wideTellsSleepingAppspacesFromStoppedOnes() {
    server.show(
        appspace("first", true, "serves", true, true),
        appspace("second", true, "serves", false, false));
    assertThat(CommandRun.of(server, "get", "-o", "wide").out().lines())
        .anySatisfy(line -> assertThat(line).contains("first", "asleep"))
        .anySatisfy(line -> assertThat(line).contains("second", "stopped"));
  }

  @Test
  void yamlHasTheSameContentAsJson() {
    server.show(appspace("notes", false, "evil \u001b[2J \u202e message: yes"));
    String yaml = CommandRun.of(server, "get", "appspace/notes", "-o", "yaml").out();
    String json = CommandRun.of(server, "get", "appspace/notes", "-o", "json").out();
    Map<?, ?> read =
        new org.yaml.snakeyaml.Yaml(new SafeConstructor(new LoaderOptions())).load(yaml);
    JsonMapper mapper = JsonMapper.shared();
    assertThat(mapper.readTree(mapper.writeValueAsString(read))).isEqualTo(mapper.readTree(json));
    assertThat(yaml).doesNotContain("\u001b", "\u202e").contains("ready: false");
  }

  @Test
  void describeShowsConditionsUsageEventsAndRequests() {
    for (int i = 0; i < 12; i++) {
      server.events.add(event("notes", "event " + i));
      server.egressLines.add(
          new EgressLine(
              CommandRun.NOW, "GET", "https://a.example/" + i, 200, 1, 1, "allowed", ""));
    }
    server.events.add(0, event("other", "of another appspace"));
    String out = CommandRun.of(server, "describe", "appspace/notes").out();
    assertThat(out)
        .contains(
            "Ready",
            "64.0 MiB",
            "250m",
            "2 cores",
            "event 9",
            "https://a.example/11",
            "PUT",
            "507",
            "/notes/7")
        .doesNotContain("event 10", "of another appspace", "https://a.example/1\n");
    JsonNode json =
        JsonMapper.shared()
            .readTree(CommandRun.of(server, "describe", "appspace", "notes", "-o", "json").out());
    assertThat(json.at("/object/name").asString()).isEqualTo("notes");
    assertThat(json.at("/events").size()).isEqualTo(10);
    assertThat(json.at("/events/9/message").asString())
        .as("the newest is last")
        .isEqualTo("event 0");
    assertThat(json.at("/requests").size()).isEqualTo(10);
    assertThat(json.at("/visitorRequests/0/path").asString()).isEqualTo("/notes/7");
    assertThat(CommandRun.of(server, "describe", "app/hello", "-o", "json").out())
        .doesNotContain("/notes/7");
    assertThat(CommandRun.of(server, "describe", "app/hello").out()).contains("apps/hello.yaml");
    assertThat(CommandRun.of(server, "describe", "app").err()).contains("kind and name");
  }

  private static Event event(String name, String message) {
    return new Event(CommandRun.NOW, "Appspace", name, "Served", message, false);
  }

  @Test
  void eventsForAnObjectAreThoseOfThatObject() {
    server.events.add(event("notes", "newest"));
    server.events.add(new Event(CommandRun.NOW, "App", "notes", "Applied", "of the app", false));
    for (int i = 0; i < 60; i++) {
      server.events.add(event("other", "noise"));
    }
    server.events.add(event("notes", "oldest"));
    List<String> lines =
        CommandRun.of(server, "events", "--for", "appspace/notes").out().lines().toList();
    assertThat(lines).hasSize(3);
    assertThat(lines.get(1)).contains("oldest");
    assertThat(lines.get(2)).contains("newest");
    assertThat(CommandRun.of(server, "events", "--for", "appspaces/notes", "--limit", "1").out())
        .contains("newest")
        .doesNotContain("oldest");
    assertThat(CommandRun.of(server, "events", "--for", "notes").out()).contains("newest");
    assertThat(CommandRun.of(server, "events", "--limit", "-1").exitCode())
        .isEqualTo(ExitCode.ERROR);
  }

  @Test
  void aWatchReportsOnlyChanges() {
    ObjectStatus preparing = appspace("notes", false, "preparing");
    ObjectStatus serving = appspace("notes", true, "serving");
    Iterator<List<ObjectStatus>> polls =
        List.of(
                List.of(preparing, app()),
                List.of(preparing, app()),
                List.of(serving, app()),
                List.of(serving))
            .iterator();
    List<String> seen = new ArrayList<>();
    Watch watch =
        new Watch(
            () -> {
              if (!polls.hasNext()) {
                throw new IllegalStateException("ended");
              }
              return polls.next();
            },
            changed -> changed.forEach(each -> seen.add(each.name() + " " + each.message())),
            removed -> seen.add("removed " + removed.name()),
            Duration.ZERO);
    assertThatThrownBy(watch::run).hasMessage("ended");
    assertThat(seen)
        .containsExactly("notes preparing", "hello in effect", "notes serving", "removed hello");
  }

  @Test
  void getWatchPrintsAndEndsWhenItIsInterrupted() throws InterruptedException {
    StringBuilder out = new StringBuilder();
    Thread command =
        Thread.ofPlatform()
            .start(
                () ->
                    out.append(
                        CommandRun.of(server, "get", "appspaces", "--watch", "-o", "json").out()));
    org.awaitility.Awaitility.await().until(() -> server.objectCalls.get() > 0);
    command.interrupt();
    assertThat(command.join(Duration.ofSeconds(30))).isTrue();
    assertThat(out.toString().lines()).hasSize(1).allMatch(line -> line.startsWith("{"));
  }

  @Test
  void anUnknownTimeIsLeftOut() {
    Condition unknown =
        new Condition(
            "OffMachine", false, "SameDisk", "same disk", Optional.empty(), Instant.EPOCH);
    server.show(
        new ObjectStatus(
            "Instance",
            "home",
            true,
            "Applied",
            "",
            Optional.empty(),
            "",
            List.of(unknown),
            Optional.empty()));
    assertThat(CommandRun.of(server, "get", "instance", "-o", "json").out())
        .contains("SameDisk")
        .doesNotContain("since");
  }

  @Test
  void watchedEventsAndStatusArePrintedOncePerChange() throws InterruptedException {
    server.events.add(new Event(CommandRun.NOW, "Appspace", "notes", "Started", "one", false));
    StringBuilder out = new StringBuilder();
    Thread events = watch(out, "events", "--watch", "-o", "json");
    StringBuilder states = new StringBuilder();
    Thread status = watch(states, "status", "--watch", "-o", "json");
    org.awaitility.Awaitility.await().until(() -> server.eventCalls.get() > 1);
    server.events.addFirst(new Event(CommandRun.NOW, "Appspace", "notes", "Stopped", "two", false));
    int calls = server.eventCalls.get();
    org.awaitility.Awaitility.await().until(() -> server.eventCalls.get() > calls + 1);
    events.interrupt();
    status.interrupt();
    assertThat(events.join(Duration.ofSeconds(30))).isTrue();
    assertThat(status.join(Duration.ofSeconds(30))).isTrue();
    assertThat(out.toString().lines()).hasSize(2);
    assertThat(out).contains("one", "two");
    assertThat(states.toString().lines()).hasSize(1);
  }

  private Thread watch(StringBuilder out, String... command) {
    return Thread.ofPlatform().start(() -> out.append(CommandRun.of(server, command).out()));
  }
}
