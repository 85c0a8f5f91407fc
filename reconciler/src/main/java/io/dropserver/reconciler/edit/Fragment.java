package io.dropserver.reconciler.edit;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A new piece of YAML in block or flow style, and the events that a parser produces for it. */
sealed interface Fragment {
  /** Returns the fragment in flow style, on one line. */
  String flow();

  Stream<String> events();

  record TextFragment(String value) implements Fragment {
    @Override
    public String flow() {
      return ScalarText.of(value);
    }

    @Override
    public Stream<String> events() {
      return Stream.of(EventText.scalar(value, ScalarText.isPlain(value)));
    }
  }

  sealed interface ItemList extends Fragment {
    List<? extends Fragment> items();

    @Override
    default String flow() {
      return items().stream().map(Fragment::flow).collect(Collectors.joining(", ", "[", "]"));
    }

    @Override
    default Stream<String> events() {
      Stream<String> inner = items().stream().flatMap(Fragment::events);
      return Stream.of(Stream.of(EventText.SEQUENCE), inner, Stream.of(EventText.SEQUENCE_END))
          .flatMap(part -> part);
    }
  }

  /** A short list, always written on one line. */
  record InlineList(List<TextFragment> items) implements ItemList {
    static InlineList of(Collection<String> values) {
      return new InlineList(values.stream().map(TextFragment::new).toList());
    }
  }

  record Entries(List<FieldGroup> items) implements ItemList {}

  /**
   * @param oneLine whether the fields are written on one line when they are an item of a list
   */
  record FieldGroup(List<FragmentField> fields, boolean oneLine) implements Fragment {
    FieldGroup(List<FragmentField> fields) {
      this(fields, false);
    }

    @Override
    public String flow() {
      return fields.stream().map(FragmentField::flow).collect(Collectors.joining(", ", "{", "}"));
    }

    @Override
    public Stream<String> events() {
      return Stream.of(Stream.of(EventText.MAPPING), content(), Stream.of(EventText.MAPPING_END))
          .flatMap(part -> part);
    }

    /** Returns the events of the fields, without those of the braces. */
    Stream<String> content() {
      return fields.stream().flatMap(FragmentField::events);
    }

    /** Returns the fields in flow style, without the braces. */
    String flowBody() {
      String whole = flow();
      return whole.substring(1, whole.length() - 1);
    }
  }

  record FragmentField(String key, Fragment value) {
    static FragmentField text(String key, String value) {
      return new FragmentField(key, new TextFragment(value));
    }

    static FragmentField group(String key, FragmentField... fields) {
      return new FragmentField(key, new FieldGroup(List.of(fields)));
    }

    String flow() {
      return key + ": " + value.flow();
    }

    Stream<String> events() {
      return Stream.concat(Stream.of(EventText.scalar(key, true)), value.events());
    }
  }

  /**
   * The indentation of a file.
   *
   * @param step indentation of a nested mapping
   * @param list indentation of a list's dashes relative to their key
   */
  record Indent(int step, int list) {
    static final Indent DEFAULT = new Indent(2, 2);
  }

  /** Returns the lines of a field in block style, without line breaks. */
  static List<String> block(FragmentField field, int column, Indent indent) {
    String start = " ".repeat(column) + field.key() + ":";
    return switch (field.value()) {
      case TextFragment _, InlineList _ -> List.of(start + " " + field.value().flow());
      case Entries _, FieldGroup _ ->
          Stream.concat(Stream.of(start), blockValue(field.value(), column, indent).stream())
              .toList();
    };
  }

  /** Returns the lines of a value below a key at this column. */
  static List<String> blockValue(Fragment value, int column, Indent indent) {
    int inner = column + indent.step();
    return switch (value) {
      case TextFragment _, InlineList _ -> List.of(" ".repeat(inner) + value.flow());
      case Entries(List<FieldGroup> items) ->
          items.stream().flatMap(item -> item(item, column + indent.list(), 2).stream()).toList();
      case FieldGroup group ->
          group.fields().stream().flatMap(field -> block(field, inner, indent).stream()).toList();
    };
  }

  /**
   * @param dash column of the dash
   * @param offset distance from the dash to the text
   */
  static List<String> item(FieldGroup item, int dash, int offset) {
    List<String> lines = new ArrayList<>();
    String first = " ".repeat(dash) + "-" + " ".repeat(offset - 1);
    if (item.oneLine()) {
      return List.of(first + item.flow());
    }
    String later = " ".repeat(dash + offset);
    for (FragmentField fragmentField : item.fields()) {
      lines.add((lines.isEmpty() ? first : later) + fragmentField.flow());
    }
    return lines;
  }
}
