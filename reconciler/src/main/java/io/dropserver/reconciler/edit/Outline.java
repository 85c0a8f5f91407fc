package io.dropserver.reconciler.edit;

import java.util.List;
import java.util.Optional;

/**
 * A node of a file, with the range of characters and events that it covers. Offsets are in UTF-16
 * code units.
 */
sealed interface Outline {
  SourceSpan span();

  /**
   * @param end after the last character of the node's own text; comments and line breaks are
   *     excluded
   * @param lastEvent inclusive
   * @param decorated whether it has an anchor or a tag
   */
  record SourceSpan(int start, int end, int firstEvent, int lastEvent, boolean decorated) {}

  /** The style in which a scalar is written. */
  enum Style {
    PLAIN,
    QUOTED,
    BLOCK,
    ALIAS
  }

  record ScalarOutline(SourceSpan span, String text, Style style) implements Outline {
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
  record SequenceOutline(SourceSpan span, boolean flow, List<Outline> items) implements Outline {}

  /**
   * @param flow whether it is written in braces, or is a single pair inside brackets
   */
  record MappingOutline(SourceSpan span, boolean flow, List<PairOutline> pairs) implements Outline {
    /**
     * @throws UneditableException if the key is duplicated or may come from a merge key
     */
    Optional<PairOutline> uniqueEntry(String key) {
      Optional<PairOutline> found = Optional.empty();
      for (PairOutline pairOutline : pairs) {
        if (pairOutline.isKey("<<")) {
          throw new UneditableException("it has a merge key (<<)");
        }
        if (pairOutline.isKey(key)) {
          if (found.isPresent()) {
            throw new UneditableException("the key `" + key + "` occurs twice");
          }
          found = Optional.of(pairOutline);
        }
      }
      return found;
    }

    boolean hasValue(String key, String value) {
      return pairs.stream()
          .anyMatch(
              pairOutline ->
                  pairOutline.isKey(key)
                      && pairOutline.value() instanceof ScalarOutline scalarOutline
                      && scalarOutline.text().equals(value)
                      && scalarOutline.style() != Style.ALIAS);
    }
  }

  record PairOutline(Outline key, Outline value) {
    boolean isKey(String name) {
      return key instanceof ScalarOutline scalarOutline
          && scalarOutline.style() != Style.ALIAS
          && scalarOutline.text().equals(name);
    }
  }

  /**
   * Returns the node whose text ends last. An insertion after this node must not land inside it.
   */
  default Outline tail() {
    return switch (this) {
      case ScalarOutline scalarOutline -> scalarOutline;
      case SequenceOutline sequenceOutline ->
          sequenceOutline.flow() || sequenceOutline.items().isEmpty()
              ? sequenceOutline
              : sequenceOutline.items().getLast().tail();
      case MappingOutline mappingOutline ->
          mappingOutline.flow() || mappingOutline.pairs().isEmpty()
              ? mappingOutline
              : mappingOutline.pairs().getLast().value().tail();
    };
  }
}
