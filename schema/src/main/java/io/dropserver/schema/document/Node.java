package io.dropserver.schema.document;

import io.dropserver.schema.instance.Location;
import java.util.List;
import java.util.Optional;

/** A value of a document, and the position where it begins. Immutable. */
public sealed interface Node {
  Location location();

  /** Returns the name of this type of value for error messages. */
  String typeName();

  /**
   * @param text as written, without quotes
   */
  record Scalar(Location location, String text, ScalarType type) implements Node {
    @Override
    public String typeName() {
      return switch (type) {
        case TEXT -> "text";
        case INTEGER, NUMBER -> "a number";
        case BOOLEAN -> "a boolean";
        case NULL -> "empty";
      };
    }
  }

  record Sequence(Location location, List<Node> items) implements Node {
    @Override
    public String typeName() {
      return "a list";
    }
  }

  /** Keys are unique and in the order of the file. */
  record Mapping(Location location, List<MappingEntry> entries) implements Node {
    @Override
    public String typeName() {
      return "a mapping";
    }

    public Optional<MappingEntry> entry(String key) {
      for (MappingEntry mappingEntry : entries) {
        if (mappingEntry.key().equals(key)) {
          return Optional.of(mappingEntry);
        }
      }
      return Optional.empty();
    }

    public Optional<Node> value(String key) {
      return entry(key).map(MappingEntry::value);
    }
  }

  /**
   * @param location the location of the key
   */
  record MappingEntry(Location location, String key, Node value) {}

  /** The scalar types of the YAML 1.2 core schema, which are those of JSON. */
  enum ScalarType {
    TEXT,
    INTEGER,
    NUMBER,
    BOOLEAN,
    NULL
  }
}
