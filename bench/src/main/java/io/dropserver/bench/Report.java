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

/** Collects results: JSON lines as they arrive, and one Markdown table at the end. */
final class Report {
  private final JsonMapper mapper = JsonMapper.builder().build();
  private final Path json;
  private final PrintStream out;
  private final List<Result> results = new ArrayList<>();
  private final List<String> missing = new ArrayList<>();

  Report(Path json, PrintStream out) {
    this.json = json;
    this.out = out;
  }

  /** Prints the machine on which the figures were measured. */
  void machine() throws IOException {
    String cpu =
        Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
            .filter(line -> line.startsWith("model name"))
            .map(line -> line.substring(line.indexOf(':') + 2))
            .findFirst()
            .orElse("unknown processor");
    out.printf(
        "%s; %d cores; Linux %s; Java %s; %s%n%n",
        cpu,
        Runtime.getRuntime().availableProcessors(),
        System.getProperty("os.version"),
        System.getProperty("java.version"),
        Instant.now().truncatedTo(ChronoUnit.MINUTES));
  }

  void add(List<Result> more) throws IOException {
    results.addAll(more);
    if (json.getParent() != null) {
      Files.createDirectories(json.getParent());
    }
    for (Result result : more) {
      Files.writeString(
          json,
          mapper.writeValueAsString(line(result)) + "\n",
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
    for (Result result : results) {
      out.printf(
          "| %s | %s | %s | %s | %s | %s |%n",
          result.ours().what(),
          result.ours().text(),
          String.join("<br>", result.peers().stream().map(p -> p.side() + " " + p.text()).toList()),
          String.join(
              "<br>",
              result.peers().stream()
                  .map(p -> String.format(Locale.ROOT, "%.2f ×", Result.ratio(result.ours(), p)))
                  .toList()),
          result.reach(),
          result.met().map(met -> met ? "yes" : "no").orElse("–"));
    }
    missing.forEach(line -> out.println("\nnot run: " + line));
  }

  private static Map<String, Object> line(Result result) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("time", Instant.now().toString());
    line.put("scenario", result.scenario());
    line.put("ours", figure(result.ours()));
    line.put("peers", result.peers().stream().map(Report::figure).toList());
    line.put("reach", result.reach());
    result.met().ifPresent(met -> line.put("met", met));
    return line;
  }

  private static Map<String, Object> figure(Figure figure) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("side", figure.side());
    map.put("what", figure.what());
    map.put("unit", figure.unit().text());
    map.put("median", figure.median());
    map.put("min", figure.minimum());
    map.put("max", figure.maximum());
    map.put("samples", figure.samples());
    return map;
  }
}
