package io.dropserver.schema.instance;

import java.util.List;
import java.util.stream.Collectors;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Formats problems for people, scripts and code scanners. */
public final class ProblemReport {
  private static final JsonMapper JSON = JsonMapper.shared();

  private ProblemReport() {}

  /**
   * Returns one line per problem, {@code file:line:column: error: message (hint)}, each with a line
   * break.
   */
  public static String text(List<Problem> problems) {
    return problems.stream().map(problem -> problem + "\n").collect(Collectors.joining());
  }

  /** Returns {@code {"problems": [{"file", "line", "column", "message", "hint"?}]}}. */
  public static String json(List<Problem> problems) {
    ObjectNode root = JSON.createObjectNode();
    ArrayNode list = root.putArray("problems");
    for (Problem problem : problems) {
      ObjectNode item = list.addObject();
      item.put("file", problem.location().file());
      item.put("line", problem.location().line());
      item.put("column", problem.location().column());
      item.put("message", problem.message());
      problem.hint().ifPresent(hint -> item.put("hint", hint));
    }
    return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n";
  }

  /** Returns SARIF 2.1.0, which forges display at the affected line. */
  public static String sarif(List<Problem> problems) {
    ObjectNode root = JSON.createObjectNode();
    root.put("$schema", "https://json.schemastore.org/sarif-2.1.0.json");
    root.put("version", "2.1.0");
    ObjectNode run = root.putArray("runs").addObject();
    ObjectNode driver = run.putObject("tool").putObject("driver");
    driver.put("name", "dropserver");
    driver.putArray("rules").addObject().put("id", "invalid");
    // SARIF, section 3.14.17: columns count code points instead of UTF-16 code units.
    run.put("columnKind", "unicodeCodePoints");
    ArrayNode results = run.putArray("results");
    problems.forEach(problem -> addResult(results, problem));
    return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n";
  }

  private static void addResult(ArrayNode results, Problem problem) {
    ObjectNode result = results.addObject();
    result.put("ruleId", "invalid");
    result.put("level", "error");
    String hint = problem.hint().map(text -> " (" + text + ")").orElse("");
    result.putObject("message").put("text", problem.message() + hint);
    ObjectNode physical = result.putArray("locations").addObject().putObject("physicalLocation");
    physical.putObject("artifactLocation").put("uri", uri(problem.location().file()));
    ObjectNode region = physical.putObject("region");
    region.put("startLine", problem.location().line());
    region.put("startColumn", problem.location().column());
  }

  /** Returns a relative path as a URI reference. The root stands for the whole repository. */
  private static String uri(String path) {
    try {
      return new java.net.URI(null, null, path, null).toASCIIString();
    } catch (java.net.URISyntaxException e) {
      return java.net.URLEncoder.encode(path, java.nio.charset.StandardCharsets.UTF_8);
    }
  }
}
