package io.dropserver.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/**
 * Writes each result as a JSON line when it arrives, and prints one Markdown table of all results
 * at the end.
 */
final class BenchReport {
  private final JsonMapper mapper = JsonMapper.shared();
  private final Path json;
  private final PrintStream out;
  private final List<ScenarioResult> results = new ArrayList<>();
  private final List<String> missing = new ArrayList<>();

  BenchReport(Path json, PrintStream out) {
    this.json = json;
    this.out = out;
  }

  /** Prints the machine on which the figures are measured. */
  void machine() throws IOException {
    out.printf("%s; %s%n%n", describeMachine(), Instant.now().truncatedTo(ChronoUnit.MINUTES));
  }

  private static String describeMachine() throws IOException {
    String cpu =
        Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
            .filter(line -> line.startsWith("model name"))
            .map(line -> line.substring(line.indexOf(':') + 2))
            .findFirst()
            .orElse("unknown processor");
    return "%s, %d cores, Linux %s, Java %s"
        .formatted(
            cpu.strip(),
            Runtime.getRuntime().availableProcessors(),
            System.getProperty("os.version"),
            System.getProperty("java.version"));
  }

  void add(List<ScenarioResult> more) throws IOException {
    results.addAll(more);
    if (json.getParent() != null) {
      Files.createDirectories(json.getParent());
    }
    for (ScenarioResult scenarioResult : more) {
      Files.writeString(
          json,
          mapper.writeValueAsString(line(scenarioResult)) + "\n",
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    }
  }

  void notRun(String scenario, String why) {
    missing.add(scenario + ": " + why);
  }

  void table() {
    out.println("| Scenario | Dropserver | Beside it, same run | Ratio | To reach | Reached |");
    out.println("|---|---|---|---|---|---|");
    for (ScenarioResult scenarioResult : results) {
      out.printf(
          "| %s | %s | %s | %s | %s | %s |%n",
          scenarioResult.ours().what(),
          scenarioResult.ours().text(),
          String.join(
              "<br>", scenarioResult.peers().stream().map(p -> p.side() + " " + p.text()).toList()),
          String.join(
              "<br>",
              scenarioResult.peers().stream()
                  .map(
                      p ->
                          String.format(
                              Locale.ROOT,
                              "%.2f ×",
                              ScenarioResult.ratio(scenarioResult.ours(), p)))
                  .toList()),
          scenarioResult.target(),
          scenarioResult.met().map(met -> met ? "yes" : "no").orElse("–"));
    }
    missing.forEach(line -> out.println("\nnot run: " + line));
  }

  private static Map<String, Object> line(ScenarioResult scenarioResult) throws IOException {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("time", Instant.now().toString());
    line.put("machine", describeMachine());
    line.put("commit", System.getProperty("bench.commit", "unknown"));
    line.put("scenario", scenarioResult.scenario());
    line.put("ours", figure(scenarioResult.ours()));
    line.put("peers", scenarioResult.peers().stream().map(BenchReport::figure).toList());
    line.put("reach", scenarioResult.target());
    scenarioResult.met().ifPresent(met -> line.put("met", met));
    return line;
  }

  private static Map<String, Object> figure(Measurement measurement) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("side", measurement.side());
    map.put("what", measurement.what());
    map.put("unit", measurement.unit().text());
    map.put("median", measurement.median());
    map.put("min", measurement.minimum());
    map.put("max", measurement.maximum());
    map.put("samples", measurement.samples());
    return map;
  }
}
