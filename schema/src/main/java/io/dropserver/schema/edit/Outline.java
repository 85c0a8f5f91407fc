package io.dropserver.schema.edit;

import java.util.List;
import java.util.Optional;

/** A node of a file and which characters and events it is made of. Offsets count chars. */
sealed interface Outline {
  Span span();

  /**
   * @param end after the last character of its own text; comments and breaks are not part of it
   * @param lastEvent inclusive
   * @param decorated by an anchor or a tag
   */
  record Span(int start, int end, int firstEvent, int lastEvent, boolean decorated) {}

  /** How a scalar is written. */
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
   * @param flow in brackets
   */
  record Items(Span span, boolean flow, List<Outline> items) implements Outline {}

  /**
   * @param flow in braces, or a single pair inside brackets
   */
  record Pairs(Span span, boolean flow, List<Pair> pairs) implements Outline {
    /**
     * @throws UneditableException when the key stands twice, or may come from a merge
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

  /** The node whose text ends last: an insertion after this one must not fall into it. */
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
