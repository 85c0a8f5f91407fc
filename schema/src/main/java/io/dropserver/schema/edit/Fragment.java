package io.dropserver.schema.edit;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** A new piece of YAML in block or flow style, and the events that a parser produces for it. */
sealed interface Fragment {
  /** Returns the fragment in flow style, on one line. */
  String flow();

  void addEvents(List<String> events);

  record Text(String value) implements Fragment {
    @Override
    public String flow() {
      return ScalarText.of(value);
    }

    @Override
    public void addEvents(List<String> events) {
      events.add(EventText.scalar(value, ScalarText.isPlain(value)));
    }
  }

  /** A short list, always written on one line. */
  record Words(List<String> values) implements Fragment {
    @Override
    public String flow() {
      return values.stream().map(ScalarText::of).collect(Collectors.joining(", ", "[", "]"));
    }

    @Override
    public void addEvents(List<String> events) {
      events.add(EventText.SEQUENCE);
      values.forEach(value -> new Text(value).addEvents(events));
      events.add(EventText.SEQUENCE_END);
    }
  }

  record Entries(List<Fields> items) implements Fragment {
    @Override
    public String flow() {
      return items.stream().map(Fields::flow).collect(Collectors.joining(", ", "[", "]"));
    }

    @Override
    public void addEvents(List<String> events) {
      events.add(EventText.SEQUENCE);
      items.forEach(item -> item.addEvents(events));
      events.add(EventText.SEQUENCE_END);
    }
  }

  /**
   * @param oneLine whether the fields are written on one line when they are an item of a list
   */
  record Fields(List<Field> fields, boolean oneLine) implements Fragment {
    Fields(List<Field> fields) {
      this(fields, false);
    }

    @Override
    public String flow() {
      return fields.stream().map(Field::flow).collect(Collectors.joining(", ", "{", "}"));
    }

    @Override
    public void addEvents(List<String> events) {
      events.add(EventText.MAPPING);
      fields.forEach(field -> field.addEvents(events));
      events.add(EventText.MAPPING_END);
    }

    /** Returns the fields in flow style, without the braces. */
    String inner() {
      String whole = flow();
      return whole.substring(1, whole.length() - 1);
    }
  }

  record Field(String key, Fragment value) {
    String flow() {
      return key + ": " + value.flow();
    }

    void addEvents(List<String> events) {
      events.add(EventText.scalar(key, true));
      value.addEvents(events);
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
  static List<String> block(Field field, int column, Indent indent) {
    List<String> lines = new ArrayList<>();
    String start = " ".repeat(column) + field.key() + ":";
    switch (field.value()) {
      case Text text -> lines.add(start + " " + text.flow());
      case Words words -> lines.add(start + " " + words.flow());
      case Entries entries -> {
        lines.add(start);
        lines.addAll(below(entries, column, indent));
      }
      case Fields fields -> {
        lines.add(start);
        lines.addAll(below(fields, column, indent));
      }
    }
    return lines;
  }

  /** Returns the lines of a value below a key at this column. */
  static List<String> below(Fragment value, int column, Indent indent) {
    List<String> lines = new ArrayList<>();
    switch (value) {
      case Text text -> lines.add(" ".repeat(column + indent.step()) + text.flow());
      case Words words -> lines.add(" ".repeat(column + indent.step()) + words.flow());
      case Entries entries ->
          entries.items().forEach(item -> lines.addAll(item(item, column + indent.list(), 2)));
      case Fields fields ->
          fields
              .fields()
              .forEach(field -> lines.addAll(block(field, column + indent.step(), indent)));
    }
    return lines;
  }

  /**
   * @param dash column of the dash
   * @param offset distance from the dash to the text
   */
  static List<String> item(Fields item, int dash, int offset) {
    List<String> lines = new ArrayList<>();
    String first = " ".repeat(dash) + "-" + " ".repeat(offset - 1);
    if (item.oneLine()) {
      return List.of(first + item.flow());
    }
    String later = " ".repeat(dash + offset);
    for (Field field : item.fields()) {
      lines.add((lines.isEmpty() ? first : later) + field.flow());
    }
    return lines;
  }
}
