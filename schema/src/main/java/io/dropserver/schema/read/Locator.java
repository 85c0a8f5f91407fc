package io.dropserver.schema.read;

import io.dropserver.schema.document.DocumentParser;
import io.dropserver.schema.document.Node;
import io.dropserver.schema.document.Node.Mapping;
import io.dropserver.schema.instance.Location;
import io.dropserver.schema.instance.SourceTree;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds the location of a value by parsing its file again, so that valid documents need not retain
 * the locations of their values. Only broken references need it. Not thread-safe.
 */
final class Locator {
  private final SourceTree tree;
  private final Map<String, List<Node>> parsed = new HashMap<>();

  Locator(SourceTree tree) {
    this.tree = tree;
  }

  /** Returns the location of the value below {@code spec}, or of its nearest existing parent. */
  Location find(Document document, String... keys) {
    String file = document.resource().location().file();
    List<Node> documents = parsed.computeIfAbsent(file, this::parse);
    if (document.index() >= documents.size()) {
      return document.resource().location();
    }
    Node at = step(documents.get(document.index()), "spec");
    for (String key : keys) {
      at = step(at, key);
    }
    return at.location();
  }

  private static Node step(Node from, String key) {
    return from instanceof Mapping mapping ? mapping.value(key).orElse(from) : from;
  }

  private List<Node> parse(String file) {
    try {
      var entry = tree.find(file);
      return entry.isEmpty()
          ? List.of()
          : DocumentParser.parse(file, tree.read(entry.get())).documents();
    } catch (IOException e) {
      return List.of();
    }
  }
}
