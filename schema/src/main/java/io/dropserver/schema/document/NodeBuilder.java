package io.dropserver.schema.document;

import io.dropserver.schema.document.Node.Mapping;
import io.dropserver.schema.document.Node.Scalar;
import io.dropserver.schema.document.Node.ScalarType;
import io.dropserver.schema.document.Node.Sequence;
import io.dropserver.schema.instance.Location;
import io.dropserver.schema.instance.Problem;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.events.AliasEvent;
import org.yaml.snakeyaml.events.CollectionStartEvent;
import org.yaml.snakeyaml.events.Event;
import org.yaml.snakeyaml.events.NodeEvent;
import org.yaml.snakeyaml.events.ScalarEvent;
import org.yaml.snakeyaml.parser.Parser;

/** Builds nodes from the events of one file. Problems that do not stop the parser are collected. */
record NodeBuilder(String file, Parser events, List<Problem> problems) {
  private static final int MAX_DEPTH = 32;
  private static final int MAX_KEYS = 1000;
  private static final String CORE_TAGS = "tag:yaml.org,2002:";

  /** The nesting exceeds the limit. Parsing stops before the stack overflows. */
  static final class TooDeepException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final transient Problem problem;

    private TooDeepException(Problem problem) {
      super(problem.message(), null, false, false);
      this.problem = problem;
    }

    Problem problem() {
      return problem;
    }
  }

  /** Returns the next document, or empty if it contains no value. */
  Optional<Node> nextDocument() {
    while (events.checkEvent(Event.ID.StreamStart)) {
      events.getEvent();
    }
    if (!events.checkEvent(Event.ID.DocumentStart)) {
      return Optional.empty();
    }
    events.getEvent();
    Node root = node(0);
    events.getEvent(); // document end
    boolean empty = root instanceof Scalar scalar && scalar.type() == ScalarType.NULL;
    return empty ? Optional.empty() : Optional.of(root);
  }

  private Node node(int depth) {
    Event event = events.getEvent();
    Location location = location(event.getStartMark());
    if (depth > MAX_DEPTH) {
      throw new TooDeepException(
          Problem.at(location, "nested deeper than " + MAX_DEPTH + " levels", "flatten it"));
    }
    if (event instanceof AliasEvent alias) {
      report(
          location,
          "the alias *" + alias.getAnchor() + " is not allowed",
          "write the value in full here");
      return new Scalar(location, "", ScalarType.NULL);
    }
    refuseAnchor(event, location);
    return switch (event.getEventId()) {
      case Scalar -> scalar((ScalarEvent) event, location);
      case SequenceStart -> sequence((CollectionStartEvent) event, location, depth);
      case MappingStart -> mapping((CollectionStartEvent) event, location, depth);
      default -> throw new IllegalStateException("unexpected event " + event);
    };
  }

  private void refuseAnchor(Event event, Location location) {
    if (event instanceof NodeEvent node && node.getAnchor() != null) {
      report(
          location,
          "the anchor &" + node.getAnchor() + " is not allowed",
          "remove it, and write each value in full");
    }
  }

  private Scalar scalar(ScalarEvent event, Location location) {
    refuseTag(event.getTag(), location, "str");
    boolean text = !event.isPlain() || (CORE_TAGS + "str").equals(event.getTag());
    ScalarType type = text ? ScalarType.TEXT : ScalarTypes.ofPlain(event.getValue());
    return new Scalar(location, event.getValue(), type);
  }

  private Sequence sequence(CollectionStartEvent event, Location location, int depth) {
    refuseTag(event.getTag(), location, "seq");
    List<Node> items = new ArrayList<>();
    while (!events.checkEvent(Event.ID.SequenceEnd)) {
      items.add(node(depth + 1));
    }
    events.getEvent();
    return new Sequence(location, List.copyOf(items));
  }

  private Mapping mapping(CollectionStartEvent event, Location location, int depth) {
    refuseTag(event.getTag(), location, "map");
    List<Node.MappingEntry> entries = new ArrayList<>();
    Map<String, Location> seen = new HashMap<>();
    while (!events.checkEvent(Event.ID.MappingEnd)) {
      Node key = node(depth + 1);
      Node value = node(depth + 1);
      keyText(key)
          .filter(text -> isFirst(text, key.location(), seen))
          .ifPresent(text -> entries.add(new Node.MappingEntry(key.location(), text, value)));
    }
    events.getEvent();
    if (entries.size() > MAX_KEYS) {
      report(location, "a mapping has more than 1,000 keys", "split or shorten it");
      return new Mapping(location, List.copyOf(entries.subList(0, MAX_KEYS)));
    }
    return new Mapping(location, List.copyOf(entries));
  }

  private Optional<String> keyText(Node key) {
    if (key instanceof Scalar scalar
        && (scalar.type() == ScalarType.TEXT || !scalar.text().isEmpty())) {
      if (scalar.text().equals("<<")) {
        report(key.location(), "merge keys (<<) are not allowed", "write the values in full");
        return Optional.empty();
      }
      return Optional.of(scalar.text());
    }
    problems.add(Problem.at(key.location(), "a key must be text; this key is " + key.typeName()));
    return Optional.empty();
  }

  private boolean isFirst(String key, Location location, Map<String, Location> seen) {
    Location first = seen.putIfAbsent(key, location);
    if (first == null) {
      return true;
    }
    report(
        location,
        "the key " + Quoting.quote(key) + " occurs twice",
        "the first is on line " + first.line() + "; remove one");
    return false;
  }

  /**
   * Reports a tag, unless it is {@code !!str}, {@code !!seq} or {@code !!map} on a value that
   * already has that type.
   */
  private void refuseTag(@Nullable String tag, Location location, String allowed) {
    if (tag == null || tag.equals("!") || tag.equals(CORE_TAGS + allowed)) {
      return;
    }
    String shown = tag.startsWith(CORE_TAGS) ? "!!" + tag.substring(CORE_TAGS.length()) : tag;
    report(location, "the tag " + Quoting.quote(shown) + " is not allowed", "remove it");
  }

  private void report(Location location, String message, String hint) {
    problems.add(Problem.at(location, message, hint));
  }

  private Location location(Mark mark) {
    return new Location(file, mark.getLine() + 1, mark.getColumn() + 1);
  }
}
