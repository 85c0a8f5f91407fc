package io.dropserver.sandbox.egress.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The header fields of a message in their order. Immutable.
 *
 * @param all with names as they were written
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
    return all.stream().filter(field -> field.is(name)).map(Field::value).findFirst();
  }

  public int count(String name) {
    int count = 0;
    for (Field field : all) {
      count += field.is(name) ? 1 : 0;
    }
    return count;
  }

  /** The comma-separated words of every field with that name, in lower case. */
  public Set<String> tokens(String name) {
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

  /**
   * The fields for the other end rather than for this connection (RFC 9110, section 7.6.1), without
   * Dropserver's own.
   */
  public List<Field> endToEnd() {
    Set<String> named = tokens("connection");
    List<Field> kept = new ArrayList<>(all.size());
    for (Field field : all) {
      String name = field.name().toLowerCase(Locale.ROOT);
      if (!HOP_BY_HOP.contains(name)
          && !named.contains(name)
          && !name.startsWith("proxy-")
          && !name.startsWith("dropserver-")) {
        kept.add(field);
      }
    }
    return kept;
  }

  private static final Set<String> HOP_BY_HOP =
      Set.of(
          "connection",
          "content-length",
          "expect",
          "host",
          "http2-settings",
          "keep-alive",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade");
}
