package io.dropserver.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.cli.output.ExitCode;
import io.dropserver.cli.output.Terminal;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

class CommandTreeTest {

  static Stream<List<String>> commands() {
    CommandLine root = Commands.forTerminal(Terminal.ofProcess());
    return Stream.concat(Stream.of(List.of()), below(root, List.of()));
  }

  private static Stream<List<String>> below(CommandLine command, List<String> path) {
    return command.getSubcommands().entrySet().stream()
        .filter(entry -> !entry.getValue().getCommandSpec().usageMessage().hidden())
        .flatMap(
            entry -> {
              List<String> child = Stream.concat(path.stream(), Stream.of(entry.getKey())).toList();
              return Stream.concat(Stream.of(child), below(entry.getValue(), child));
            });
  }

  @ParameterizedTest
  @MethodSource("commands")
  void everyCommandHasHelpWithAnExample(List<String> path) {
    List<String> arguments = Stream.concat(path.stream(), Stream.of("--help")).toList();
    CommandRun run = CommandRun.alone(arguments.toArray(String[]::new));
    assertThat(run.exitCode()).isZero();
    assertThat(run.out())
        .contains("Usage: dropserver")
        .containsPattern("Example[^\n]*:[^\n]*\n.*dropserver");
    assertThat(run.out().lines())
        .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(100));
  }

  /** The list of commands shows only the first text of each description. */
  @ParameterizedTest
  @MethodSource("commands")
  void eachTextOfTheHelpIsASentence(List<String> path) {
    CommandLine command = Commands.forTerminal(Terminal.ofProcess());
    for (String name : path) {
      command = Objects.requireNonNull(command.getSubcommands().get(name));
    }
    assertThat(command.getCommandSpec().usageMessage().description())
        .allSatisfy(text -> assertThat(text).endsWith("."));
    assertThat(command.getCommandSpec().args())
        .allSatisfy(
            argument ->
                assertThat(argument.description())
                    .isNotEmpty()
                    .allSatisfy(text -> assertThat(text).endsWith(".")));
  }

  @Test
  void onlyTheNamedCommandIsAssembled() {
    Terminal terminal = Terminal.ofProcess();
    for (String name : Commands.forTerminal(terminal).getSubcommands().keySet()) {
      assertThat(Commands.forTerminal(terminal, name, "--help").getSubcommands()).containsKey(name);
    }
    assertThat(Commands.forTerminal(terminal, "run").getSubcommands()).containsOnlyKeys("run");
  }

  @Test
  void anUnknownCommandNamesTheNearestOneAndFails() {
    CommandRun run = CommandRun.alone("statsu");
    assertThat(run.exitCode()).isEqualTo(ExitCode.ERROR);
    assertThat(run.err()).contains("statsu").contains("status").doesNotContain("\tat ");
  }

  @Test
  void theVersionIsPrintedByTheOptionAsByTheCommand() {
    CommandRun run = CommandRun.alone("--version");
    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).startsWith("dropserver ").isEqualTo(CommandRun.alone("version").out());
  }

  @Test
  void anUnknownOptionIsAnErrorOfOneSentence() {
    CommandRun run = CommandRun.alone("status", "--sate", "x");
    assertThat(run.exitCode()).isEqualTo(ExitCode.ERROR);
    assertThat(run.err()).contains("--sate");
  }

  @Test
  void aCallWithoutACommandListsTheCommands() {
    CommandRun run = CommandRun.alone();
    assertThat(run.exitCode()).isEqualTo(ExitCode.ERROR);
    assertThat(run.err()).contains("status").contains("sync");
  }

  @Test
  void theCompletionScriptKnowsEveryCommand() {
    CommandRun run = CommandRun.alone("completion");
    assertThat(run.exitCode()).isZero();
    commands()
        .filter(path -> !path.isEmpty())
        .forEach(path -> assertThat(run.out()).contains(path.getLast()));
  }

  @Test
  void theManualPageHasEveryCommandAndNoLineThatRoffTakesForARequest() {
    CommandRun run = CommandRun.alone("manual");
    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).startsWith(".TH DROPSERVER 1 ").contains("\\-\\-state");
    assertThat(run.out().lines().filter(line -> line.startsWith(".SS")))
        .doesNotHaveDuplicates()
        .contains(".SS \"dropserver backup erase\"", ".SS \"dropserver version\"")
        .noneMatch(line -> line.contains("train"));
    commands()
        .filter(path -> !path.isEmpty())
        .forEach(path -> assertThat(run.out()).contains(path.getLast().replace("-", "\\-")));
    assertThat(run.out().lines().filter(line -> line.startsWith(".") || line.startsWith("'")))
        .allMatch(line -> line.matches("[.](TH|SH|SS|nf|fi)( .*)?"));
  }

  @Test
  void theHelpOfSecretsShowsThePlaceholderOfAWhitelist() {
    assertThat(CommandRun.alone("secret", "--help").out()).contains("Bearer ${secret:NAME}");
  }

  @Test
  void aServerThatDoesNotRunIsNamedWithItsRemedy() {
    CommandRun run = CommandRun.alone("status");
    assertThat(run.exitCode()).isEqualTo(ExitCode.ERROR);
    assertThat(run.err())
        .contains("no-such-state")
        .contains("dropserver run")
        .doesNotContain("\tat ");
    assertThat(run.out()).isEmpty();
  }
}
