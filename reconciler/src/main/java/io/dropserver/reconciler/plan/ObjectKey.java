package io.dropserver.reconciler.plan;

import io.dropserver.schema.instance.Kind;
import io.dropserver.schema.instance.Resource;

/**
 * Identifies one declared object. Sorted by kind and then by name, which is the order of
 * convergence.
 */
public record ObjectKey(Kind kind, String name) implements Comparable<ObjectKey> {

  public static ObjectKey of(Resource resource) {
    return new ObjectKey(resource.kind(), resource.name());
  }

  public static ObjectKey appspace(String name) {
    return new ObjectKey(Kind.APPSPACE, name);
  }

  @Override
  public int compareTo(ObjectKey other) {
    int byKind = kind.compareTo(other.kind);
    return byKind != 0 ? byKind : name.compareTo(other.name);
  }

  @Override
  public String toString() {
    return kind.text() + "/" + name;
  }
}
