package io.dropserver.schema.document;

import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import com.networknt.schema.path.NodePath;
import io.dropserver.schema.instance.Location;
import io.dropserver.schema.instance.Problem;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Validates nodes against the bundled JSON Schemas and reports each problem at the offending value.
 * Never fetches a schema from the network. Thread-safe.
 */
public final class SchemaCheck {
  /** Class path folder of the schemas. A schema's name is its file name. */
  static final String FOLDER = "/io/dropserver/schema/instance/";

  private static final String BASE = "https://schema.dropserver.invalid/";

  private final Map<String, Schema> schemas = new HashMap<>();
  private final Map<String, JsonNode> texts = new HashMap<>();

  /**
   * @param names schema files in {@link #FOLDER}, including those that they refer to
   */
  public SchemaCheck(Collection<String> names) {
    this(names.stream().collect(Collectors.toMap(name -> name, SchemaExport::text)));
  }

  /**
   * @param byName the text of each schema by its name
   */
  SchemaCheck(Map<String, String> byName) {
    Map<String, String> known = new HashMap<>();
    JsonMapper mapper = JsonMapper.shared();
    byName.forEach(
        (name, text) -> {
          known.put(BASE + name, text);
          texts.put(name, mapper.readTree(text));
        });
    SchemaRegistry registry =
        SchemaRegistry.withDefaultDialect(
            SpecificationVersion.DRAFT_7,
            builder ->
                builder.schemaLoader(
                    loader ->
                        loader
                            .fetchRemoteResources(false)
                            .resourceLoaders(resources -> resources.resources(known))
                            .allow(iri -> known.containsKey(iri.toString()))));
    for (String name : byName.keySet()) {
      schemas.put(name, registry.getSchema(SchemaLocation.of(BASE + name)));
    }
  }

  /** Returns every violation of the schema, or an empty list if the value is valid. */
  public List<Problem> check(String name, Node root) {
    Schema schema = schemas.get(name);
    if (schema == null) {
      throw new IllegalArgumentException("no schema named " + name);
    }
    List<Problem> problems = new ArrayList<>();
    for (Error error : schema.validate(JsonTree.of(root))) {
      if (!isInsideOneOf(error)) {
        problems.add(new SchemaErrorText(error, schemaObject(error), root).problem());
      }
    }
    return problems;
  }

  /**
   * Checks a value and reads it.
   *
   * @param known locations at which violations of the schema are not reported
   * @param problems receives the violations of the schema, and those problems of the reader whose
   *     location has no such violation
   */
  public <T> T read(
      String name,
      Node root,
      Set<Location> known,
      List<Problem> problems,
      Function<MappingFields, T> reader) {
    List<Problem> own =
        check(name, root).stream().filter(p -> !known.contains(p.location())).toList();
    Set<Location> reported = locations(own);
    List<Problem> finer = new ArrayList<>();
    T value = reader.apply(MappingFields.of(root, finer));
    problems.addAll(own);
    finer.stream().filter(p -> !reported.contains(p.location())).forEach(problems::add);
    return value;
  }

  public static Set<Location> locations(List<Problem> problems) {
    return problems.stream().map(Problem::location).collect(Collectors.toSet());
  }

  /**
   * Returns whether the error is in a branch of a oneOf. Such errors are not reported; the error of
   * the oneOf itself is.
   */
  private static boolean isInsideOneOf(Error error) {
    NodePath path = error.getEvaluationPath();
    return IntStream.range(0, path.getNameCount() - 1)
        .anyMatch(i -> "oneOf".equals(path.getName(i)));
  }

  /** Returns the schema object that contains the violated keyword. */
  private JsonNode schemaObject(Error error) {
    SchemaLocation location = error.getSchemaLocation();
    String iri = String.valueOf(location.getAbsoluteIri());
    JsonNode at = text(iri.substring(iri.lastIndexOf('/') + 1));
    NodePath fragment = location.getFragment();
    for (int i = 0; i < fragment.getNameCount() - 1; i++) {
      Object element = fragment.getElement(i);
      at = element instanceof Integer index ? at.path(index) : at.path(String.valueOf(element));
    }
    return at;
  }

  private JsonNode text(String name) {
    JsonNode text = texts.get(name);
    if (text == null) {
      throw new IllegalArgumentException("no schema named " + name);
    }
    return text;
  }
}
