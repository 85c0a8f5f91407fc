package io.dropserver.schema.document;

import io.dropserver.base.text.JsonText;
import io.dropserver.schema.document.Node.Mapping;
import io.dropserver.schema.document.Node.Scalar;
import io.dropserver.schema.document.Node.Sequence;
import java.math.BigDecimal;
import java.util.Locale;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Converts a node to a JSON value. */
public final class JsonTree {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private JsonTree() {}

  /**
   * Returns the node as JSON text on one line, with the keys in the order of the file. The text is
   * ASCII, because a YAML parser reads it again and refuses some characters that JSON permits.
   */
  public static String text(Node node) {
    return JsonText.ASCII.writeValueAsString(of(node));
  }

  static JsonNode of(Node node) {
    return switch (node) {
      case Scalar scalar -> scalar(scalar);
      case Sequence sequence -> {
        ArrayNode array = NODES.arrayNode(sequence.items().size());
        sequence.items().forEach(item -> array.add(of(item)));
        yield array;
      }
      case Mapping mapping -> {
        ObjectNode object = NODES.objectNode();
        mapping
            .entries()
            .forEach(mappingEntry -> object.set(mappingEntry.key(), of(mappingEntry.value())));
        yield object;
      }
    };
  }

  private static JsonNode scalar(Scalar scalar) {
    String text = scalar.text();
    return switch (scalar.type()) {
      case TEXT -> NODES.stringNode(text);
      case INTEGER -> NODES.numberNode(Long.parseLong(text));
      case NUMBER -> NODES.numberNode(new BigDecimal(text));
      case BOOLEAN -> NODES.booleanNode(text.toLowerCase(Locale.ROOT).equals("true"));
      case NULL -> NODES.nullNode();
    };
  }
}
