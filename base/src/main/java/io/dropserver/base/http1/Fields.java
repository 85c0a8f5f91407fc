package io.dropserver.base.http1;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The header fields of a message in their order. Immutable.
 *
 * @param all the fields; names keep their upper and lower case
 */
public record Fields(List<Field> all) {

  public record Field(String name, String value) {
    public boolean is(String other) {
      return name.equalsIgnoreCase(other);
    }
  }

  public Fields {
    all = List.copyOf(all);
  }

  public Optional<String> first(String name) {
    for (Field field : all) {
      if (field.is(name)) {
        return Optional.of(field.value());
      }
    }
    return Optional.empty();
  }

  public int count(String name) {
    int count = 0;
    for (Field field : all) {
      count += field.is(name) ? 1 : 0;
    }
    return count;
  }

  /** Returns the comma-separated words of every field with that name, in lower case. */
  public Set<String> tokens(String name) {
    if (count(name) == 0) {
      return Set.of(); // most messages have no such field
    }
    Set<String> tokens = new TreeSet<>();
    for (Field field : all) {
      if (field.is(name)) {
        for (String token : field.value().split(",", -1)) {
          tokens.add(token.strip().toLowerCase(Locale.ROOT));
        }
      }
    }
    return tokens;
  }
}
