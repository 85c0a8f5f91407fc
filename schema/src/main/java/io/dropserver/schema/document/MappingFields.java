package io.dropserver.schema.document;

import io.dropserver.schema.document.Node.Mapping;
import io.dropserver.schema.document.Node.Scalar;
import io.dropserver.schema.document.Node.ScalarType;
import io.dropserver.schema.document.Node.Sequence;
import io.dropserver.schema.instance.Location;
import io.dropserver.schema.instance.Problem;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Reads the fields of one mapping leniently: a value of the wrong type counts as absent, because
 * the schema check has already reported it.
 */
public record MappingFields(Location location, Optional<Mapping> mapping, List<Problem> problems) {
  /**
   * @param problems receives the problems that are found
   */
  public static MappingFields of(Node node, List<Problem> problems) {
    Optional<Mapping> mapping =
        node instanceof Mapping found ? Optional.of(found) : Optional.empty();
    return new MappingFields(node.location(), mapping, problems);
  }

  /** Returns the location of the value, or of the mapping if the key is absent. */
  public Location location(String key) {
    return value(key).map(Node::location).orElse(location);
  }

  public boolean has(String key) {
    return value(key).isPresent();
  }

  public MappingFields fields(String key) {
    return section(key).orElseGet(() -> new MappingFields(location, Optional.empty(), problems));
  }

  /** Returns the fields of the value, or empty if the key is absent. */
  public Optional<MappingFields> section(String key) {
    return value(key).map(node -> of(node, problems));
  }

  public List<MappingFields> list(String key) {
    return items(key).stream().map(node -> of(node, problems)).toList();
  }

  public List<Node.MappingEntry> entries(String key) {
    return value(key).orElse(null) instanceof Mapping found ? found.entries() : List.of();
  }

  /** Returns the scalar items of a list. */
  public List<Scalar> scalars(String key) {
    return items(key).stream().filter(Scalar.class::isInstance).map(Scalar.class::cast).toList();
  }

  /** Returns the texts of the scalar items of a list, without duplicates. */
  public SortedSet<String> texts(String key) {
    return Collections.unmodifiableSortedSet(
        scalars(key).stream().map(Scalar::text).collect(Collectors.toCollection(TreeSet::new)));
  }

  public Optional<String> text(String key) {
    return scalar(key).filter(s -> s.type() == ScalarType.TEXT).map(Scalar::text);
  }

  /** Returns a text or a number, exactly as it is written in the document. */
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

  /** Returns the field as a URI, or empty if it is absent or is not a URI. */
  public Optional<URI> uri(String key) {
    try {
      Optional<String> text = text(key);
      return text.isEmpty() ? Optional.empty() : Optional.of(new URI(text.get()));
    } catch (URISyntaxException e) {
      return Optional.empty();
    }
  }

  /**
   * Reports a text that an earlier item has too.
   *
   * @param noun what the text names, such as {@code version}
   * @param hint ends with {@code line}; the line of the earlier item follows
   * @param seen the texts of the earlier items and their locations; receives this one
   */
  public void requireNew(String key, String noun, String hint, Map<String, Location> seen) {
    String value = text(key).orElse("");
    Location first = value.isEmpty() ? null : seen.putIfAbsent(value, location(key));
    if (first != null) {
      String message = "the " + noun + " " + Quoting.quote(value) + " occurs twice";
      problem(key, message, hint + " " + first.line());
    }
  }

  /** Reports a problem at the value, or at the mapping if the key is absent. */
  public void problem(String key, String message, String hint) {
    problem(location(key), message, hint);
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
