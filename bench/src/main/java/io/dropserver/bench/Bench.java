package io.dropserver.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code bin/bench}: runs scenarios and prints a table of the results. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    description = "Measures Dropserver and its peers in the same run, in alternating rounds.",
    footer = {
      "",
      "Example:",
      "  bin/bench                    every scenario",
      "  bin/bench cold-start proxy   these two",
      "  bin/bench --rounds 3 fairness   a quiet appspace during attacks on shared resources",
      "  bin/bench soak --minutes 1   resources left over after a minute of attacks",
      "  bin/bench --rounds 3 --json results.jsonl sync",
      "  bin/bench --json results.jsonl --markdown docs/internals/benchmarks.md   only write the"
          + " page",
      "",
      "Benchmarks are not tests: a slow machine gives slow numbers and exit code 0."
    })
final class Bench implements Callable<Integer> {

  static final List<Scenario> ALL =
      List.of(
          new ColdStart(),
          new ProxyScenario(),
          new GatewayScenario(),
          new ApprovalScenario(),
          new SyncScenario(),
          new FirstConverge(),
          new ValidateScenario(),
          new MemoryScenario(),
          new BackupScenario(),
          new NoisyNeighbours(),
          new Fairness());

  /** Takes too long for the full table, so it runs only if it is named. */
  static final Scenario SOAK = new Soak();

  @Parameters(arity = "0..*", paramLabel = "NAME", description = "Scenarios to run (default: all).")
  private List<String> names = new ArrayList<>();

  @Option(names = "--list", description = "List the scenarios and the question that each answers.")
  private boolean list;

  @Option(
      names = "--rounds",
      defaultValue = "7",
      description = "Number of rounds (default: ${DEFAULT-VALUE}).")
  private int rounds = 7;

  @Option(
      names = "--minutes",
      defaultValue = "30",
      description = "Length of a soak in minutes (default: ${DEFAULT-VALUE}).")
  private int minutes = 30;

  @Option(names = "--json", paramLabel = "FILE", description = "Append one JSON line per result.")
  private Path json = Path.of("target/bench.jsonl");

  @Option(
      names = "--markdown",
      paramLabel = "FILE",
      description =
          "Measure nothing; write the newest result of each row in the --json file as a page.")
  private @Nullable Path markdown;

  private Bench() {}

  public static void main(String[] arguments) {
    System.exit(new CommandLine(new Bench()).execute(arguments));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (list) {
      everything()
          .forEach(
              scenario -> System.out.printf("%-16s %s%n", scenario.name(), scenario.description()));
      return 0;
    }
    List<String> unknown =
        names.stream().filter(name -> everything().noneMatch(s -> s.name().equals(name))).toList();
    if (!unknown.isEmpty()) {
      System.err.println("bench: unknown scenario " + unknown + "; bin/bench --list names them");
      return 1;
    }
    if (markdown != null) {
      MarkdownPage.write(json, markdown);
      return 0;
    }
    BenchReport benchReport = new BenchReport(json, System.out);
    benchReport.machine();
    for (Scenario scenario : everything().toList()) {
      if (names.isEmpty() ? scenario != SOAK : names.contains(scenario.name())) {
        run(scenario, benchReport);
      }
    }
    benchReport.table();
    return 0;
  }

  private static Stream<Scenario> everything() {
    return Stream.concat(ALL.stream(), Stream.of(SOAK));
  }

  /**
   * Runs one scenario. A scenario that fails becomes a line of the report and does not stop the
   * others.
   */
  private void run(Scenario scenario, BenchReport benchReport) throws InterruptedException {
    System.err.println("bench: " + scenario.name() + ": " + scenario.description());
    try (BenchEnvironment benchEnvironment =
        new BenchEnvironment(
            Path.of("").toAbsolutePath(),
            Files.createTempDirectory("dropserver-bench"),
            rounds,
            minutes)) {
      Files.setPosixFilePermissions(
          benchEnvironment.scratch(),
          java.nio.file.attribute.PosixFilePermissions.fromString("rwx--x--x"));
      benchReport.add(scenario.run(benchEnvironment));
    } catch (IOException e) {
      benchReport.notRun(scenario.name(), String.valueOf(e.getMessage()));
    }
  }
}
