package io.dropserver.schema.edit;

import java.util.List;
import java.util.Optional;

/**
 * A node of a file, with the range of characters and events that it covers. Offsets count chars.
 */
sealed interface Outline {
  Span span();

  /**
   * @param end after the last character of the node's own text; comments and line breaks are
   *     excluded
   * @param lastEvent inclusive
   * @param decorated whether it has an anchor or a tag
   */
  record Span(int start, int end, int firstEvent, int lastEvent, boolean decorated) {}

  /** The style in which a scalar is written. */
  enum Style {
    PLAIN,
    QUOTED,
    BLOCK,
    ALIAS
  }

  record Leaf(Span span, String text, Style style) implements Outline {
    boolean isNull() {
      return style == Style.PLAIN
          && switch (text) {
            case "", "~", "null", "Null", "NULL" -> true;
            default -> false;
          };
    }
  }

  /**
   * @param flow whether it is written in brackets
   */
  record Items(Span span, boolean flow, List<Outline> items) implements Outline {}

  /**
   * @param flow whether it is written in braces, or is a single pair inside brackets
   */
  record Pairs(Span span, boolean flow, List<Pair> pairs) implements Outline {
    /**
     * @throws UneditableException if the key is duplicated or may come from a merge key
     */
    Optional<Pair> only(String key) {
      Optional<Pair> found = Optional.empty();
      for (Pair pair : pairs) {
        if (pair.isKey("<<")) {
          throw new UneditableException("a merge key (<<) hides what is there");
        }
        if (pair.isKey(key)) {
          if (found.isPresent()) {
            throw new UneditableException("the key `" + key + "` stands twice");
          }
          found = Optional.of(pair);
        }
      }
      return found;
    }

    boolean says(String key, String value) {
      return pairs.stream()
          .anyMatch(
              pair ->
                  pair.isKey(key)
                      && pair.value() instanceof Leaf leaf
                      && leaf.text().equals(value)
                      && leaf.style() != Style.ALIAS);
    }
  }

  record Pair(Outline key, Outline value) {
    boolean isKey(String name) {
      return key instanceof Leaf leaf && leaf.style() != Style.ALIAS && leaf.text().equals(name);
    }
  }

  /**
   * Returns the node whose text ends last. An insertion after this node must not land inside it.
   */
  default Outline tail() {
    return switch (this) {
      case Leaf leaf -> leaf;
      case Items items ->
          items.flow() || items.items().isEmpty() ? items : items.items().getLast().tail();
      case Pairs pairs ->
          pairs.flow() || pairs.pairs().isEmpty() ? pairs : pairs.pairs().getLast().value().tail();
    };
  }
}
