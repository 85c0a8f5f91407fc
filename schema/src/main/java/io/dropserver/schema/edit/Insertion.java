package io.dropserver.schema.edit;

import io.dropserver.schema.edit.Fragment.Field;
import io.dropserver.schema.edit.Fragment.Fields;
import io.dropserver.schema.edit.Fragment.Indent;
import io.dropserver.schema.edit.Outline.Items;
import io.dropserver.schema.edit.Outline.Leaf;
import io.dropserver.schema.edit.Outline.Pair;
import io.dropserver.schema.edit.Outline.Pairs;
import io.dropserver.schema.edit.Outline.Style;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Inserts new values into a file. */
final class Insertion {
  private final Lines lines;
  private final Indent indent;

  Insertion(YamlFile file, Indent indent) {
    this.lines = new Lines(file.text());
    this.indent = indent;
  }

  /** Adds an item after the last item of a list, in the style of that item. */
  Change item(Items list, Fields item) {
    List<String> events = new ArrayList<>();
    item.addEvents(events);
    int at = list.span().lastEvent();
    List<Splice> splices =
        list.flow() && list.items().isEmpty() && item.oneLine()
            ? List.of(onNextLine(list, item))
            : list.flow()
                ? flow(list, list.items().stream().map(Outline::span).toList(), item.flow())
                : List.of(blockItem(list, item));
    return new Change(splices, at, at, events);
  }

  /**
   * Adds a key.
   *
   * @param after the key after which the new one is inserted in a block mapping; ignored in a flow
   *     mapping, and empty for the end of the mapping
   */
  Change field(Pairs mapping, Optional<Pair> after, Field field) {
    List<String> events = new ArrayList<>();
    field.addEvents(events);
    if (mapping.flow()) {
      int at = mapping.span().lastEvent();
      return new Change(flow(mapping, pairSpans(mapping), field.flow()), at, at, events);
    }
    Pair before = after.orElse(mapping.pairs().getLast());
    int column = lines.indent(mapping.pairs().getFirst().key().span().start());
    int at = before.value().span().lastEvent() + 1;
    Splice splice =
        lines.insert(below(before.value().tail(), column), Fragment.block(field, column, indent));
    return new Change(List.of(splice), at, at, events);
  }

  /** Sets the value of a key that has no value. */
  Change value(Pairs owner, Pair pair, Fragment value) {
    Outline none = pair.value();
    List<String> events = new ArrayList<>();
    value.addEvents(events);
    int from = none.span().start();
    int to = none.span().end();
    List<Splice> splices = new ArrayList<>();
    if (owner.flow()) {
      boolean afterColon = from > 0 && lines.text().charAt(from - 1) == ':';
      splices.add(new Splice(from, to, (afterColon ? " " : "") + value.flow()));
    } else {
      int column = lines.indent(pair.key().span().start());
      if (to > from) {
        splices.add(new Splice(from, to, ""));
      }
      splices.add(lines.insert(afterLine(to), Fragment.below(value, column, indent)));
    }
    return new Change(splices, none.span().firstEvent(), none.span().lastEvent() + 1, events);
  }

  /** Sets the content of an empty mapping in braces. */
  Change fields(Pairs empty, Fields fields) {
    List<String> events = new ArrayList<>();
    fields.fields().forEach(field -> field.addEvents(events));
    int at = empty.span().lastEvent();
    return new Change(flow(empty, List.of(), fields.inner()), at, at, events);
  }

  /** Inserts the item on a line of its own. The rest of the list follows on the lines after it. */
  private Splice onNextLine(Items empty, Fields item) {
    int at = empty.span().start() + 1;
    int start = lines.start(at);
    int text = start;
    while (lines.text().charAt(text) == ' ') {
      text++;
    }
    String before = " ".repeat(text - start + 2 + indent.step());
    return Splice.insert(at, lines.lineBreak(start) + before + item.flow());
  }

  private Splice blockItem(Items list, Fields item) {
    int dash = lines.indent(list.span().start());
    Outline last = list.items().getLast();
    if (last instanceof Pairs pairs && pairs.flow()) {
      return lines.insert(below(last.tail(), dash), List.of(" ".repeat(dash) + "- " + item.flow()));
    }
    int offset = last instanceof Pairs ? offset(last.span().start(), dash) : 2;
    return lines.insert(below(last.tail(), dash), Fragment.item(item, dash, offset));
  }

  /**
   * Returns the distance from the dash to the item's text, or two if the item begins below its
   * dash.
   */
  private int offset(int itemStart, int dash) {
    int start = lines.start(itemStart);
    int offset = itemStart - start - dash;
    boolean sameLine =
        offset >= 2
            && lines.text().charAt(start + dash) == '-'
            && lines.text().substring(start + dash + 1, itemStart).isBlank();
    return sameLine && offset <= 10 ? offset : 2;
  }

  /**
   * Returns the start of the line after a node. Comments with the node's indentation are skipped,
   * because they seem to belong to it.
   */
  private int below(Outline tail, int column) {
    if (tail instanceof Leaf leaf && leaf.style() == Style.BLOCK) {
      // The end mark of a block scalar is on the following line, after its indentation.
      int end = leaf.span().end();
      return end == lines.text().length() ? end : lines.start(end);
    }
    int at = afterLine(tail.span().end());
    while (lines.isComment(at, column)) {
      at = lines.next(at);
    }
    return at;
  }

  private int afterLine(int offset) {
    if (!lines.isRestBlank(offset)) {
      throw new UneditableException("something follows on the same line");
    }
    return lines.next(offset);
  }

  private static List<Outline.Span> pairSpans(Pairs mapping) {
    List<Outline.Span> spans = new ArrayList<>();
    for (Pair pair : mapping.pairs()) {
      Outline.Span key = pair.key().span();
      Outline.Span value = pair.value().span();
      int end = Math.max(key.end(), value.end());
      spans.add(new Outline.Span(key.start(), end, key.firstEvent(), value.lastEvent(), false));
    }
    return spans;
  }

  /** Inserts into brackets or braces, on a line of its own if the last child has one. */
  private List<Splice> flow(Outline owner, List<Outline.Span> children, String text) {
    int closing = owner.span().end() - 1;
    if (children.isEmpty()) {
      int at = owner.span().start() + 1;
      boolean comment = at < closing && lines.text().charAt(at) == '#';
      return List.of(Splice.insert(at, comment ? text + " " : text));
    }
    Outline.Span last = children.getLast();
    int lineStart = lines.start(last.start());
    String before = lines.text().substring(lineStart, last.start());
    if (!before.isBlank() || lineStart <= owner.span().start()) {
      return List.of(Splice.insert(last.end(), ", " + text));
    }
    String lineBreak = lines.lineBreak(lineStart);
    if (lines.end(last.end()) >= closing) {
      return List.of(Splice.insert(last.end(), "," + lineBreak + before + text));
    }
    int comma = comma(last.end(), closing);
    if (comma < 0) {
      int next = lines.next(last.end());
      return List.of(
          Splice.insert(last.end(), ","), Splice.insert(next, before + text + lineBreak));
    }
    if (comma > lines.end(last.end())) {
      return List.of(Splice.insert(last.end(), ", " + text));
    }
    return List.of(Splice.insert(lines.next(comma), before + text + "," + lineBreak));
  }

  /** Returns the offset of the first comma that is not in a comment, or -1. */
  private int comma(int from, int to) {
    for (int at = from; at < to; at++) {
      char c = lines.text().charAt(at);
      if (c == ',') {
        return at;
      }
      if (c == '#') {
        at = lines.end(at) - 1;
      }
    }
    return -1;
  }
}
