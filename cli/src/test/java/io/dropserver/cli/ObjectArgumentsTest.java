package io.dropserver.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.cli.output.ExitCode;
import io.dropserver.cli.output.Terminal;
import io.dropserver.control.ObjectStatus;
import io.dropserver.state.condition.Event;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;

/** Every command that names an object accepts {@code NAME} and {@code KIND/NAME}. */
class ObjectArgumentsTest {
  /** The labels of arguments that name an object of one kind. */
  private static final Map<String, String> KINDS =
      Map.of("APPSPACE", "appspace", "APP", "app", "USER", "user");

  /** Commands whose argument names an object that does not exist yet. */
  private static final List<String> NEW_OBJECTS = List.of("app add", "app new");

  @TempDir static Path folder;
  private final FakeServer server = new FakeServer();

  record Argument(String command, ArgSpec spec, String kind) {
    @Override
    public String toString() {
      return command + " " + spec.paramLabel();
    }

    Object convert(String text) throws Exception {
      return spec.converters()[0].convert(text);
    }
  }

  static Stream<Argument> arguments() {
    return arguments(Commands.forTerminal(Terminal.ofProcess()), "");
  }

  private static Stream<Argument> arguments(CommandLine command, String path) {
    Stream<Argument> own =
        Stream.concat(
                command.getCommandSpec().positionalParameters().stream(),
                command.getCommandSpec().options().stream())
            .filter(spec -> KINDS.containsKey(spec.paramLabel()))
            .filter(_ -> !NEW_OBJECTS.contains(path))
            .map(spec -> new Argument(path, spec, KINDS.getOrDefault(spec.paramLabel(), "")));
    return Stream.concat(
        own,
        command.getSubcommands().entrySet().stream()
            .flatMap(each -> arguments(each.getValue(), (path + " " + each.getKey()).strip())));
  }

  @BeforeEach
  void serveObjects() {
    server.show(
        object("Appspace", "notes"),
        object("App", "notes"),
        object("Appspace", "diary"),
        object("User", "family-notes", Map.of("team", "family")));
    for (String name : List.of("diary", "family-notes")) {
      server.events.add(new Event(CommandRun.NOW, "User", name, "Applied", "", false));
    }
  }

  private static ObjectStatus object(String kind, String name) {
    return object(kind, name, Map.of());
  }

  private static ObjectStatus object(String kind, String name, Map<String, String> labels) {
    return new ObjectStatus(
        kind,
        name,
        true,
        "Serving",
        "serves",
        Optional.empty(),
        "",
        List.of(),
        Optional.empty(),
        new TreeMap<>(labels),
        List.of(),
        List.of());
  }

  @ParameterizedTest
  @MethodSource("arguments")
  void anArgumentOfOneKindAcceptsTheNameAndTheKind(Argument argument) throws Exception {
    assertThat(argument.spec().converters()).as("a converter of NameOf").hasSize(1);
    assertThat(argument.convert("notes")).isEqualTo("notes");
    assertThat(argument.convert(argument.kind() + "/notes")).isEqualTo("notes");
    assertThat(argument.convert(argument.kind() + "s/notes")).isEqualTo("notes");
    for (String wrong : List.of("whitelist/notes", "nothing/notes", argument.kind() + "/")) {
      assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> argument.convert(wrong)))
          .isInstanceOf(CommandLine.TypeConversionException.class)
          .hasMessageContaining(argument.kind() + "/NAME");
    }
  }

  @Test
  void theArgumentsOfAllKindsAreFound() {
    List<String> found = new ArrayList<>(arguments().map(Argument::toString).toList());
    assertThat(found)
        .contains(
            "logs APPSPACE",
            "pause APPSPACE",
            "backup now APPSPACE",
            "egress log APPSPACE",
            "secret set APPSPACE",
            "user enroll USER",
            "updates merge APP",
            "confirm APPSPACE");
  }

  static Stream<String> commandsThatListObjects() {
    return paths(Commands.forTerminal(Terminal.ofProcess()), "");
  }

  private static Stream<String> paths(CommandLine command, String path) {
    return Stream.concat(
        Stream.of(path).filter(_ -> command.getCommandSpec().findOption("--selector") != null),
        command.getSubcommands().entrySet().stream()
            .flatMap(each -> paths(each.getValue(), (path + " " + each.getKey()).strip())));
  }

  @ParameterizedTest
  @MethodSource("commandsThatListObjects")
  void aCommandThatListsObjectsAcceptsSelectorsAndRefusesWrongOnes(String command) {
    List<String> line = new ArrayList<>(List.of(command.split(" ")));
    line.addAll(List.of("-l", "team in (family, work),!old"));
    CommandRun run = CommandRun.of(server, line.toArray(String[]::new));
    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).contains("family-notes").doesNotContain("diary");
    line.set(line.size() - 1, "team in family");
    CommandRun wrong = CommandRun.of(server, line.toArray(String[]::new));
    assertThat(wrong.exitCode()).isEqualTo(ExitCode.ERROR);
    assertThat(wrong.err()).contains("\"team in family\" is not a condition", "k in (a,b)");
  }

  @Test
  void theCommandsThatListObjectsAreFound() {
    assertThat(commandsThatListObjects()).containsExactlyInAnyOrder("get", "status", "events");
  }

  @Test
  void logsAndPausesAcceptTheKind() {
    assertThat(CommandRun.of(server, "logs", "appspace/diary").exitCode()).isZero();
    assertThat(CommandRun.of(server, "pause", "appspace/diary").exitCode()).isZero();
    assertThat(server.calls).containsExactly("logs diary", "pause diary");
    CommandRun wrong = CommandRun.of(server, "pause", "user/diary");
    assertThat(wrong.exitCode()).isEqualTo(ExitCode.ERROR);
    assertThat(wrong.err()).contains("write NAME or appspace/NAME");
  }

  @Test
  void aNameWithoutKindIsFoundInAllKinds() {
    assertThat(CommandRun.of(server, "describe", "diary").out()).contains("diary");
    assertThat(CommandRun.of(server, "get", "diary").out()).contains("diary");
    assertThat(CommandRun.of(server, "get", "notes").out()).contains("Appspace", "App ");
    assertThat(CommandRun.of(server, "retry", "diary").out())
        .isEqualToIgnoringNewLines("retried Appspace/diary: now ready");
    assertThat(server.calls).contains("retry Appspace/diary");
    CommandRun ambiguous = CommandRun.of(server, "describe", "notes");
    assertThat(ambiguous.exitCode()).isEqualTo(ExitCode.ERROR);
    assertThat(ambiguous.err()).contains("appspace/notes, app/notes");
    CommandRun unknown = CommandRun.of(server, "describe", "nothing");
    assertThat(unknown.err()).contains("no object named nothing", "dropserver get");
  }

  @Test
  void theWordAllStandsForAllObjects() {
    assertThat(CommandRun.of(server, "get", "all").out())
        .isEqualTo(CommandRun.of(server, "get").out());
  }

  @Test
  void theTimeoutOfASyncIsADuration() {
    CommandRun.of(server, "sync", "--wait", "--timeout", "100s");
    CommandRun.of(server, "sync", "--wait", "--timeout", "90");
    assertThat(server.calls).containsExactly("sync - PT1M40S", "sync - PT1M30S");
    assertThat(CommandRun.of(server, "sync", "--wait", "--timeout", "soon").err())
        .contains("--timeout soon is not a duration");
  }
}
