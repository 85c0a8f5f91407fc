package io.dropserver.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Generates {@code docs/internals/benchmarks.md} from the JSON lines that {@link BenchReport}
 * wrote.
 */
final class MarkdownPage {
  private static final String HEAD =
      """
      # Benchmarks

      `bin/bench` measures Dropserver beside its peers on the same machine, in alternating rounds. A
      figure is the median of the rounds, followed by their range. `bin/bench --help` lists the
      scenarios. [Decisions](decisions) name the causes of missed goals. `bin/bench --markdown` made
      this page.

      """;

  private MarkdownPage() {}

  /**
   * Writes the page.
   *
   * @param json lines of {@link BenchReport}; the last line for a row takes precedence
   */
  static void write(Path json, Path page) throws IOException {
    JsonMapper mapper = JsonMapper.shared();
    Map<String, JsonNode> rows = new LinkedHashMap<>();
    for (String line : Files.readAllLines(json)) {
      JsonNode result = mapper.readTree(line);
      rows.put(
          result.path("scenario").asString() + " " + result.path("ours").path("what").asString(),
          result);
    }
    List<String> runs = rows.values().stream().map(MarkdownPage::run).distinct().toList();
    StringBuilder text = new StringBuilder(HEAD);
    text.append("| Run | Date | Commit | Machine |\n|---|---|---|---|\n");
    for (int i = 0; i < runs.size(); i++) {
      text.append("| %c | %s |%n".formatted('A' + i, runs.get(i)));
    }
    text.append("\n| Scenario | Dropserver | Peer, same run | Ratio | Goal | Reached | Run |\n");
    text.append("|---|---|---|---|---|---|---|\n");
    for (JsonNode result : rows.values()) {
      text.append(row(result, (char) ('A' + runs.indexOf(run(result)))));
    }
    Files.writeString(page, text);
  }

  private static String run(JsonNode result) {
    return "%s | %s | %s"
        .formatted(
            result.path("time").asString().substring(0, 10),
            result.path("commit").asString("unknown"),
            result.path("machine").asString("unknown"));
  }

  private static String row(JsonNode result, char run) {
    Measurement ours = figure(result.path("ours"));
    List<Measurement> peers =
        StreamSupport.stream(result.path("peers").spliterator(), false)
            .map(MarkdownPage::figure)
            .toList();
    String met = !result.has("met") ? "–" : result.path("met").asBoolean() ? "yes" : "no";
    return "| %s | %s | %s | %s | %s | %s | %c |%n"
        .formatted(
            ours.what(),
            ours.text(),
            String.join("<br>", peers.stream().map(p -> p.side() + " " + p.text()).toList()),
            String.join("<br>", peers.stream().map(p -> ratio(ours, p)).toList()),
            result.path("reach").asString(),
            met,
            run);
  }

  private static String ratio(Measurement ours, Measurement peer) {
    return String.format(Locale.ROOT, "%.2f ×", ScenarioResult.ratio(ours, peer));
  }

  private static Measurement figure(JsonNode node) {
    List<Double> samples = new ArrayList<>();
    node.path("samples").forEach(sample -> samples.add(sample.asDouble()));
    String unit = node.path("unit").asString();
    for (Measurement.Unit each : Measurement.Unit.values()) {
      if (each.text().equals(unit)) {
        return new Measurement(
            node.path("side").asString(), node.path("what").asString(), each, samples);
      }
    }
    throw new IllegalArgumentException("no unit `" + unit + "` in " + node);
  }
}
