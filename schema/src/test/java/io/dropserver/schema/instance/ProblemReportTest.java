package io.dropserver.schema.instance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ProblemReportTest {
  private static final List<Problem> PROBLEMS =
      List.of(
          Problem.at(new Location("a b/ü.yaml", 3, 7), "the \"host\" is taken", "choose another"),
          Problem.at(Location.ofFile("x.yaml"), "not YAML"));

  private static JsonNode parsed(String text) {
    return JsonMapper.builder().build().readTree(text);
  }

  @Test
  void theJsonReportContainsProblemsWithOptionalHints() {
    JsonNode list = parsed(ProblemReport.json(PROBLEMS)).path("problems");
    assertThat(list).hasSize(2);
    assertThat(list.path(0).toString())
        .isEqualTo(
            "{\"file\":\"a b/ü.yaml\",\"line\":3,\"column\":7,"
                + "\"message\":\"the \\\"host\\\" is taken\",\"hint\":\"choose another\"}");
    assertThat(list.path(1).has("hint")).isFalse();
  }

  @Test
  void theSarifReportPointsAtLineAndColumnOfAnEncodedPath() {
    JsonNode root = parsed(ProblemReport.sarif(PROBLEMS));
    assertThat(root.path("version").asString()).isEqualTo("2.1.0");
    JsonNode run = root.path("runs").path(0);
    JsonNode result = run.path("results").path(0);
    assertThat(result.path("ruleId").asString())
        .isEqualTo(run.path("tool").path("driver").path("rules").path(0).path("id").asString());
    assertThat(result.path("message").path("text").asString())
        .isEqualTo("the \"host\" is taken (choose another)");
    JsonNode place = result.path("locations").path(0).path("physicalLocation");
    assertThat(place.path("artifactLocation").path("uri").asString())
        .isEqualTo("a%20b/%C3%BC.yaml");
    assertThat(place.path("region").path("startLine").asInt()).isEqualTo(3);
    assertThat(place.path("region").path("startColumn").asInt()).isEqualTo(7);
  }

  @Test
  void aReportWithoutProblemsIsEmpty() {
    assertThat(parsed(ProblemReport.json(List.of())).path("problems")).isEmpty();
    assertThat(parsed(ProblemReport.sarif(List.of())).path("runs").path(0).path("results"))
        .isEmpty();
    assertThat(ProblemReport.text(List.of())).isEmpty();
  }
}
