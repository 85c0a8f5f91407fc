package io.dropserver.schema.instance;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;

/**
 * The labels ({@code metadata.labels}) of the objects of one revision. Labels select objects in
 * commands. They are not part of the objects, so a change of a label changes no object. Immutable.
 *
 * @param byObject without the objects that have no labels
 */
public record Labels(Map<ObjectId, SortedMap<String, String>> byObject) {
  public static final Labels NONE = new Labels(Map.of());

  public Labels {
    byObject = Map.copyOf(byObject);
  }

  /** Identifies one object. */
  public record ObjectId(Kind kind, String name) {}

  /** Returns the labels of an object; an empty map if it has none. */
  public SortedMap<String, String> of(Kind kind, String name) {
    return byObject.getOrDefault(new ObjectId(kind, name), Collections.emptySortedMap());
  }
}
