package io.dropserver.reconciler.edit;

import io.dropserver.reconciler.edit.Fragment.FieldGroup;
import io.dropserver.reconciler.edit.Fragment.FragmentField;
import io.dropserver.reconciler.edit.Fragment.Indent;
import io.dropserver.reconciler.edit.Outline.MappingOutline;
import io.dropserver.reconciler.edit.Outline.PairOutline;
import io.dropserver.reconciler.edit.Outline.ScalarOutline;
import io.dropserver.reconciler.edit.Outline.SequenceOutline;
import io.dropserver.reconciler.edit.Outline.Style;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Inserts new values into a file.
 *
 * @param fileEvents see {@link YamlFile#events()}
 */
record FragmentInserter(SourceLines sourceLines, Indent indent, List<String> fileEvents) {
  /** Adds an item after the last item of a list, in the style of that item. */
  YamlChange item(SequenceOutline list, FieldGroup item) {
    int at = list.span().lastEvent();
    List<TextEdit> splices =
        list.flow() && list.items().isEmpty() && item.oneLine()
            ? List.of(onNextLine(list, item))
            : list.flow()
                ? flow(list, list.items().stream().map(Outline::span).toList(), item.flow())
                : List.of(blockItem(list, item));
    return new YamlChange(splices, at, at, item.events().toList());
  }

  /** Adds texts after the last one of a list that has items. */
  YamlChange texts(SequenceOutline list, List<String> texts) {
    int at = list.span().lastEvent();
    List<TextEdit> splices =
        list.flow()
            ? flow(
                list,
                list.items().stream().map(Outline::span).toList(),
                texts.stream().map(ScalarText::of).collect(Collectors.joining(", ")))
            : List.of(blockTexts(list, texts));
    List<String> events =
        texts.stream().flatMap(text -> new Fragment.TextFragment(text).events()).toList();
    return new YamlChange(splices, at, at, events);
  }

  private TextEdit blockTexts(SequenceOutline list, List<String> texts) {
    int dash = sourceLines.indent(list.span().start());
    List<String> lines =
        texts.stream().map(text -> " ".repeat(dash) + "- " + ScalarText.of(text)).toList();
    return sourceLines.insert(insertionPoint(list.items().getLast().tail(), dash), lines);
  }

  /** Replaces a text on one line. */
  YamlChange text(ScalarOutline scalar, String text) {
    if (scalar.style() == Style.BLOCK) {
      throw new UneditableException("a text to replace is not on one line");
    }
    return new YamlChange(
        List.of(new TextEdit(scalar.span().start(), scalar.span().end(), ScalarText.of(text))),
        scalar.span().firstEvent(),
        scalar.span().lastEvent() + 1,
        List.of(EventText.scalar(text, ScalarText.isPlain(text))));
  }

  /**
   * Adds a copy of an item after the last item of its list.
   *
   * @param replaced scalars of the item
   * @param texts their texts in the copy
   * @throws UneditableException if the item contains an anchor, or ends with a block scalar
   */
  YamlChange copy(
      SequenceOutline list, MappingOutline item, List<ScalarOutline> replaced, List<String> texts) {
    int start = item.span().start();
    int end = item.tail().span().end();
    List<String> events =
        new ArrayList<>(fileEvents.subList(item.span().firstEvent(), item.span().lastEvent() + 1));
    if (events.stream().anyMatch(FragmentInserter::isAnchored)
        || (item.tail() instanceof ScalarOutline last && last.style() == Style.BLOCK)) {
      throw new UneditableException("the version to copy has an anchor, or ends with a block");
    }
    List<TextEdit> edits = new ArrayList<>();
    for (int i = 0; i < replaced.size(); i++) {
      Outline.SourceSpan span = replaced.get(i).span();
      String text = texts.get(i);
      edits.add(new TextEdit(span.start() - start, span.end() - start, ScalarText.of(text)));
      events.set(
          span.firstEvent() - item.span().firstEvent(),
          EventText.scalar(text, ScalarText.isPlain(text)));
    }
    String copy = TextEdit.apply(sourceLines.text().substring(start, end), edits);
    int at = list.span().lastEvent();
    List<TextEdit> splices =
        list.flow()
            ? flow(list, list.items().stream().map(Outline::span).toList(), copy)
            : List.of(blockCopy(list, start, copy));
    return new YamlChange(splices, at, at, events);
  }

  private static boolean isAnchored(String event) {
    return (event.startsWith("=:") || event.startsWith("{:") || event.startsWith("[:"))
        && !event.startsWith("null", 2);
  }

  /** The following lines of the copy keep the indentation that they have in the original. */
  private TextEdit blockCopy(SequenceOutline list, int start, String copy) {
    int dash = sourceLines.indent(list.span().start());
    String before = sourceLines.text().substring(sourceLines.start(start), start);
    if (!before.matches(" {" + dash + "}- +")) {
      throw new UneditableException("the version to copy does not begin beside its dash");
    }
    return sourceLines.insert(
        insertionPoint(list.items().getLast().tail(), dash), List.of(before + copy));
  }

  /**
   * Adds a key.
   *
   * @param after the key after which the new one is inserted in a block mapping; ignored in a flow
   *     mapping, and empty for the end of the mapping
   */
  YamlChange field(
      MappingOutline mapping, Optional<PairOutline> after, FragmentField fragmentField) {
    List<String> events = fragmentField.events().toList();
    if (mapping.flow()) {
      int at = mapping.span().lastEvent();
      return new YamlChange(
          flow(mapping, pairSpans(mapping), fragmentField.flow()), at, at, events);
    }
    PairOutline before = after.orElse(mapping.pairs().getLast());
    int column = sourceLines.column(mapping.pairs().getFirst().key().span().start());
    int at = before.value().span().lastEvent() + 1;
    TextEdit textEdit =
        sourceLines.insert(
            insertionPoint(before.value().tail(), column),
            Fragment.block(fragmentField, column, indent));
    return new YamlChange(List.of(textEdit), at, at, events);
  }

  /** Sets the value of a key that has no value. */
  YamlChange value(MappingOutline owner, PairOutline pairOutline, Fragment value) {
    Outline none = pairOutline.value();
    int from = none.span().start();
    int to = none.span().end();
    List<TextEdit> splices = new ArrayList<>();
    if (owner.flow()) {
      boolean afterColon = from > 0 && sourceLines.text().charAt(from - 1) == ':';
      splices.add(new TextEdit(from, to, (afterColon ? " " : "") + value.flow()));
    } else {
      int column = sourceLines.indent(pairOutline.key().span().start());
      if (to > from) {
        splices.add(new TextEdit(from, to, ""));
      }
      splices.add(sourceLines.insert(afterLine(to), Fragment.blockValue(value, column, indent)));
    }
    return new YamlChange(
        splices, none.span().firstEvent(), none.span().lastEvent() + 1, value.events().toList());
  }

  /** Sets the content of an empty mapping in braces. */
  YamlChange fields(MappingOutline empty, FieldGroup fieldGroup) {
    int at = empty.span().lastEvent();
    return new YamlChange(
        flow(empty, List.of(), fieldGroup.flowBody()), at, at, fieldGroup.content().toList());
  }

  /** Inserts the item on a line of its own. The rest of the list follows on the lines after it. */
  private TextEdit onNextLine(SequenceOutline empty, FieldGroup item) {
    int at = empty.span().start() + 1;
    int start = sourceLines.start(at);
    int text = start;
    while (sourceLines.text().charAt(text) == ' ') {
      text++;
    }
    String before = " ".repeat(text - start + 2 + indent.step());
    return TextEdit.insert(at, sourceLines.lineBreak(start) + before + item.flow());
  }

  private TextEdit blockItem(SequenceOutline list, FieldGroup item) {
    int dash = sourceLines.indent(list.span().start());
    Outline last = list.items().getLast();
    if (last instanceof MappingOutline mappingOutline && mappingOutline.flow()) {
      return sourceLines.insert(
          insertionPoint(last.tail(), dash), List.of(" ".repeat(dash) + "- " + item.flow()));
    }
    int offset = last instanceof MappingOutline ? offset(last.span().start(), dash) : 2;
    return sourceLines.insert(insertionPoint(last.tail(), dash), Fragment.item(item, dash, offset));
  }

  /**
   * Returns the distance from the dash to the item's text, or two if the item begins below its
   * dash.
   */
  private int offset(int itemStart, int dash) {
    int start = sourceLines.start(itemStart);
    int offset = itemStart - start - dash;
    boolean sameLine =
        offset >= 2
            && sourceLines.text().charAt(start + dash) == '-'
            && sourceLines.text().substring(start + dash + 1, itemStart).isBlank();
    return sameLine && offset <= 10 ? offset : 2;
  }

  /**
   * Returns the start of the line after a node. Comments that are indented deeper than {@code
   * column} are skipped, because they seem to belong to the node.
   */
  private int insertionPoint(Outline tail, int column) {
    if (tail instanceof ScalarOutline scalarOutline && scalarOutline.style() == Style.BLOCK) {
      // The end mark of a block scalar is on the following line, after its indentation.
      int end = scalarOutline.span().end();
      return end == sourceLines.text().length() ? end : sourceLines.start(end);
    }
    int at = afterLine(tail.span().end());
    while (sourceLines.isComment(at, column)) {
      at = sourceLines.next(at);
    }
    return at;
  }

  private int afterLine(int offset) {
    if (!sourceLines.isRestBlank(offset)) {
      throw new UneditableException("other text follows on the same line");
    }
    return sourceLines.next(offset);
  }

  private static List<Outline.SourceSpan> pairSpans(MappingOutline mapping) {
    List<Outline.SourceSpan> spans = new ArrayList<>();
    for (PairOutline pairOutline : mapping.pairs()) {
      Outline.SourceSpan key = pairOutline.key().span();
      Outline.SourceSpan value = pairOutline.value().span();
      int end = Math.max(key.end(), value.end());
      spans.add(
          new Outline.SourceSpan(key.start(), end, key.firstEvent(), value.lastEvent(), false));
    }
    return spans;
  }

  /** Inserts into brackets or braces, on a separate line if the last child is on one. */
  private List<TextEdit> flow(Outline owner, List<Outline.SourceSpan> children, String text) {
    int closing = owner.span().end() - 1;
    if (children.isEmpty()) {
      int at = owner.span().start() + 1;
      boolean comment = at < closing && sourceLines.text().charAt(at) == '#';
      return List.of(TextEdit.insert(at, comment ? text + " " : text));
    }
    Outline.SourceSpan last = children.getLast();
    int lineStart = sourceLines.start(last.start());
    String before = sourceLines.text().substring(lineStart, last.start());
    if (!before.isBlank() || lineStart <= owner.span().start()) {
      return List.of(TextEdit.insert(last.end(), ", " + text));
    }
    String lineBreak = sourceLines.lineBreak(lineStart);
    if (sourceLines.end(last.end()) >= closing) {
      return List.of(TextEdit.insert(last.end(), "," + lineBreak + before + text));
    }
    int comma = comma(last.end(), closing);
    if (comma < 0) {
      int next = sourceLines.next(last.end());
      return List.of(
          TextEdit.insert(last.end(), ","), TextEdit.insert(next, before + text + lineBreak));
    }
    if (comma > sourceLines.end(last.end())) {
      return List.of(TextEdit.insert(last.end(), ", " + text));
    }
    return List.of(TextEdit.insert(sourceLines.next(comma), before + text + "," + lineBreak));
  }

  /** Returns the offset of the first comma that is not in a comment, or -1. */
  private int comma(int from, int to) {
    for (int at = from; at < to; at++) {
      char c = sourceLines.text().charAt(at);
      if (c == ',') {
        return at;
      }
      if (c == '#') {
        at = sourceLines.end(at) - 1;
      }
    }
    return -1;
  }
}
