package io.dropserver.reconciler.edit;

import io.dropserver.reconciler.edit.Outline.MappingOutline;
import io.dropserver.reconciler.edit.Outline.PairOutline;
import io.dropserver.reconciler.edit.Outline.ScalarOutline;
import io.dropserver.reconciler.edit.Outline.SequenceOutline;
import io.dropserver.reconciler.edit.Outline.SourceSpan;
import io.dropserver.reconciler.edit.Outline.Style;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions.ScalarStyle;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.events.AliasEvent;
import org.yaml.snakeyaml.events.CollectionStartEvent;
import org.yaml.snakeyaml.events.Event;
import org.yaml.snakeyaml.events.NodeEvent;
import org.yaml.snakeyaml.events.ScalarEvent;
import org.yaml.snakeyaml.parser.ParserImpl;
import org.yaml.snakeyaml.reader.StreamReader;

/**
 * A file as text, as events, and as nodes with offsets.
 *
 * @param events see {@link EventText}
 * @param documents the root nodes, in order
 */
record YamlFile(String text, List<String> events, List<Outline> documents) {

  /**
   * @throws UneditableException if the text is not valid YAML
   */
  static YamlFile read(String text) {
    return new OutlineReader(text).read();
  }

  private static final class OutlineReader {
    private static final int MAX_DEPTH = 32;

    private final String text;
    private final int[] offsets;
    private final List<Event> events = new ArrayList<>();
    private int next;

    OutlineReader(String text) {
      this.text = text;
      this.offsets = offsets(text);
    }

    YamlFile read() {
      try {
        LoaderOptions options = new LoaderOptions();
        options.setCodePointLimit(text.length() + 1);
        var parser = new ParserImpl(new StreamReader(new StringReader(text)), options);
        while (!parser.checkEvent(Event.ID.StreamEnd)) {
          events.add(parser.getEvent());
        }
      } catch (YAMLException e) {
        throw new UneditableException("it is not valid YAML");
      }
      List<Outline> documents = new ArrayList<>();
      while (next < events.size()) {
        if (events.get(next++).is(Event.ID.DocumentStart)) {
          documents.add(node(0));
        }
      }
      return new YamlFile(
          text, events.stream().map(EventText::of).toList(), List.copyOf(documents));
    }

    private Outline node(int depth) {
      if (depth > MAX_DEPTH) {
        throw new UneditableException("it is nested deeper than " + MAX_DEPTH + " levels");
      }
      int at = next++;
      return switch (events.get(at)) {
        case AliasEvent alias -> new ScalarOutline(leafSpan(alias, at, false), "", Style.ALIAS);
        case ScalarEvent scalar ->
            new ScalarOutline(
                leafSpan(scalar, at, decorated(scalar, scalar.getTag())),
                scalar.getValue(),
                style(scalar));
        case CollectionStartEvent start when start.is(Event.ID.SequenceStart) ->
            sequence(start, at, depth);
        case CollectionStartEvent start -> mapping(start, at, depth);
        default -> throw new UneditableException("it is not valid YAML");
      };
    }

    private SequenceOutline sequence(CollectionStartEvent start, int at, int depth) {
      List<Outline> items = new ArrayList<>();
      while (!events.get(next).is(Event.ID.SequenceEnd)) {
        items.add(node(depth + 1));
      }
      int last = items.isEmpty() ? -1 : items.getLast().span().end();
      return new SequenceOutline(span(start, at, last), start.isFlow(), List.copyOf(items));
    }

    private MappingOutline mapping(CollectionStartEvent start, int at, int depth) {
      List<PairOutline> pairs = new ArrayList<>();
      while (!events.get(next).is(Event.ID.MappingEnd)) {
        pairs.add(new PairOutline(node(depth + 1), node(depth + 1)));
      }
      int last =
          pairs.isEmpty()
              ? -1
              : Math.max(pairs.getLast().key().span().end(), pairs.getLast().value().span().end());
      return new MappingOutline(span(start, at, last), start.isFlow(), List.copyOf(pairs));
    }

    /**
     * Consumes the end event. The mark of that event is at the closing bracket in flow style, and
     * at the next token in block style.
     */
    private SourceSpan span(CollectionStartEvent start, int at, int lastChildEnd) {
      int end = next++;
      Event closing = events.get(end);
      int bracketStart = offset(closing.getStartMark());
      int bracketEnd = offset(closing.getEndMark());
      char last = closing.is(Event.ID.SequenceEnd) ? ']' : '}';
      boolean bracket =
          start.isFlow() && bracketEnd > bracketStart && text.charAt(bracketStart) == last;
      int from = offset(start.getStartMark());
      int to = bracket ? bracketEnd : Math.max(from, lastChildEnd);
      return new SourceSpan(from, to, at, end, decorated(start, start.getTag()));
    }

    private SourceSpan leafSpan(Event event, int at, boolean decorated) {
      int start = offset(event.getStartMark());
      return new SourceSpan(start, Math.max(start, offset(event.getEndMark())), at, at, decorated);
    }

    private static boolean decorated(NodeEvent event, @Nullable String tag) {
      return event.getAnchor() != null || tag != null;
    }

    private static Style style(ScalarEvent scalar) {
      ScalarStyle style = scalar.getScalarStyle();
      if (style == ScalarStyle.LITERAL || style == ScalarStyle.FOLDED) {
        return Style.BLOCK;
      }
      return style == ScalarStyle.PLAIN ? Style.PLAIN : Style.QUOTED;
    }

    private int offset(Mark mark) {
      return offsets[Math.min(mark.getIndex(), offsets.length - 1)];
    }

    /**
     * Returns the char offset of each code point, because the marks of SnakeYAML count code points.
     */
    private static int[] offsets(String text) {
      int[] offsets = new int[text.codePointCount(0, text.length()) + 1];
      int char16 = 0;
      for (int i = 0; i < offsets.length; i++) {
        offsets[i] = char16;
        if (char16 < text.length()) {
          char16 += Character.charCount(text.codePointAt(char16));
        }
      }
      return offsets;
    }
  }
}
