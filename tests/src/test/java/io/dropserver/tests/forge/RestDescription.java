package io.dropserver.tests.forge;

import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.dropserver.tests.forge.FakeForge.ReceivedCall;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.StringNode;

/** An OpenAPI 3.0 description of a REST API, against which requests are validated. */
final class RestDescription {
  private static final JsonMapper JSON = JsonMapper.shared();

  /** OpenAPI 3.0 uses this draft of JSON Schema. Nothing is fetched from the network. */
  private static final SchemaRegistry SCHEMAS =
      SchemaRegistry.withDefaultDialect(
          SpecificationVersion.DRAFT_4,
          builder -> builder.schemaLoader(loader -> loader.fetchRemoteResources(false)));

  private final JsonNode root;

  private RestDescription(String text) {
    this.root = JSON.readTree(text);
  }

  static RestDescription read(Path file) throws IOException {
    return new RestDescription(Files.readString(file));
  }

  /** Returns the errors of a request: path, method, parameters or body. */
  List<String> problems(ReceivedCall receivedCall) {
    Optional<String> template = template(receivedCall.path());
    if (template.isEmpty()) {
      return List.of("no path is like " + receivedCall.path());
    }
    String method = receivedCall.method().toLowerCase(Locale.ROOT);
    JsonNode operation = root.path("paths").path(template.get()).path(method);
    if (operation.isMissingNode()) {
      return List.of(template.get() + " has no " + receivedCall.method());
    }
    List<String> problems = parameters(operation, receivedCall);
    problems.addAll(body(operation, receivedCall));
    return problems;
  }

  /**
   * Returns the fields that the description of a response does not contain. For an array, its item
   * type is used.
   */
  Set<String> unknown(String method, String template, String status, Set<String> fields) {
    JsonNode schema =
        root.path("paths")
            .path(template)
            .path(method)
            .path("responses")
            .path(status)
            .path("content")
            .path("application/json")
            .path("schema");
    Set<String> unknown = new HashSet<>(fields);
    for (String field : fields) {
      JsonNode at = resolved(schema);
      at = at.has("items") ? resolved(at.path("items")) : at;
      for (String name : field.split("\\.", -1)) {
        at = resolved(resolved(at).path("properties").path(name));
      }
      if (!at.isMissingNode()) {
        unknown.remove(field);
      }
    }
    return unknown;
  }

  private Optional<String> template(String path) {
    Optional<String> best = Optional.empty();
    for (String template : root.path("paths").propertyNames()) {
      String pattern = template.replaceAll("\\{[^}]*\\}", "[^/]+");
      // A literal path segment takes precedence over a placeholder.
      if (path.matches(pattern)
          && best.filter(b -> b.indexOf('{') >= template.indexOf('{')).isEmpty()) {
        best = Optional.of(template);
      }
    }
    return best;
  }

  private List<String> parameters(JsonNode operation, ReceivedCall receivedCall) {
    List<String> problems = new ArrayList<>();
    Set<String> known = new HashSet<>();
    for (JsonNode each : operation.path("parameters")) {
      JsonNode parameter = resolved(each);
      String name = parameter.path("name").asString("");
      if (!parameter.path("in").asString("").equals("query")) {
        continue;
      }
      known.add(name);
      String value = receivedCall.query().get(name);
      if (value == null) {
        if (parameter.path("required").asBoolean(false)) {
          problems.add("the parameter " + name + " is missing");
        }
      } else if (!fits(value, resolved(parameter.path("schema")))) {
        problems.add("the parameter " + name + " is not to be " + value);
      }
    }
    receivedCall.query().keySet().stream()
        .filter(name -> !known.contains(name))
        .forEach(name -> problems.add("there is no parameter " + name));
    return problems;
  }

  private static boolean fits(String value, JsonNode schema) {
    boolean kind =
        switch (schema.path("type").asString("string")) {
          case "integer" -> value.matches("-?[0-9]+");
          case "boolean" -> value.matches("true|false");
          default -> true;
        };
    return kind
        && (schema.path("enum").isMissingNode()
            || schema.path("enum").values().contains(StringNode.valueOf(value)));
  }

  private static List<String> body(JsonNode operation, ReceivedCall receivedCall) {
    JsonNode described = operation.path("requestBody");
    if (described.isMissingNode()) {
      return receivedCall.body().isEmpty() ? List.of() : List.of("no body is expected");
    }
    JsonNode schema = described.path("content").path("application/json").path("schema");
    if (schema.toString().contains("\"$ref\"")) {
      throw new IllegalStateException("bodies that refer elsewhere are not understood here");
    }
    JsonNode body = JSON.readTree(receivedCall.body().isEmpty() ? "null" : receivedCall.body());
    List<String> problems = new ArrayList<>();
    SCHEMAS.getSchema(schema).validate(body).forEach(error -> problems.add(error.toString()));
    Set<String> known = new HashSet<>(schema.path("properties").propertyNames());
    body.propertyNames().stream()
        .filter(name -> !known.contains(name))
        .forEach(name -> problems.add("the body has no " + name));
    return problems;
  }

  private JsonNode resolved(JsonNode node) {
    String reference = node.path("$ref").asString("");
    return reference.isEmpty() ? node : resolved(root.at(reference.substring(1)));
  }
}
