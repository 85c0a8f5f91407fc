package io.dropserver.schema.document;

import io.dropserver.schema.document.Node.Mapping;
import io.dropserver.schema.document.Node.Scalar;
import io.dropserver.schema.document.Node.ScalarType;
import io.dropserver.schema.document.Node.Sequence;
import io.dropserver.schema.instance.Location;
import io.dropserver.schema.instance.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Reads the fields of one mapping leniently: a value of the wrong type counts as absent, because
 * the schema check has already reported it.
 */
public final class MappingFields {
  private final Location location;
  private final Optional<Mapping> mapping;
  private final List<Problem> problems;

  private MappingFields(Location location, Optional<Mapping> mapping, List<Problem> problems) {
    this.location = location;
    this.mapping = mapping;
    this.problems = problems;
  }

  /**
   * @param problems receives the problems that are found
   */
  public static MappingFields of(Node node, List<Problem> problems) {
    Optional<Mapping> mapping =
        node instanceof Mapping found ? Optional.of(found) : Optional.empty();
    return new MappingFields(node.location(), mapping, problems);
  }

  public Location location() {
    return location;
  }

  /** Returns the location of the value, or of the mapping if the key is absent. */
  public Location location(String key) {
    return value(key).map(Node::location).orElse(location);
  }

  public boolean has(String key) {
    return value(key).isPresent();
  }

  public MappingFields fields(String key) {
    return value(key)
        .map(node -> of(node, problems))
        .orElseGet(() -> new MappingFields(location, Optional.empty(), problems));
  }

  public List<MappingFields> list(String key) {
    return items(key).stream().map(node -> of(node, problems)).toList();
  }

  public List<Node.MappingEntry> entries(String key) {
    return value(key).orElse(null) instanceof Mapping found ? found.entries() : List.of();
  }

  /** Returns the scalar items of a list. */
  public List<Scalar> scalars(String key) {
    List<Scalar> scalars = new ArrayList<>();
    for (Node item : items(key)) {
      if (item instanceof Scalar scalar) {
        scalars.add(scalar);
      }
    }
    return scalars;
  }

  public Optional<String> text(String key) {
    return scalar(key).filter(s -> s.type() == ScalarType.TEXT).map(Scalar::text);
  }

  /** Returns a text or a number, as written. */
  public Optional<String> amount(String key) {
    return scalar(key)
        .filter(s -> s.type() != ScalarType.NULL && s.type() != ScalarType.BOOLEAN)
        .map(Scalar::text);
  }

  public Optional<Integer> integer(String key) {
    return scalar(key)
        .filter(s -> s.type() == ScalarType.INTEGER && s.text().length() < 10)
        .map(s -> Integer.valueOf(s.text()));
  }

  public Optional<Boolean> bool(String key) {
    return scalar(key)
        .filter(s -> s.type() == ScalarType.BOOLEAN)
        .map(s -> s.text().toLowerCase(Locale.ROOT).equals("true"));
  }

  public void problem(Location at, String message, String hint) {
    problems.add(Problem.at(at, message, hint));
  }

  /** Adds a problem that another check has found. */
  public void problem(Problem problem) {
    problems.add(problem);
  }

  private Optional<Scalar> scalar(String key) {
    return value(key).orElse(null) instanceof Scalar found ? Optional.of(found) : Optional.empty();
  }

  private List<Node> items(String key) {
    return value(key).orElse(null) instanceof Sequence found ? found.items() : List.of();
  }

  private Optional<Node> value(String key) {
    return mapping.flatMap(m -> m.value(key));
  }
}
