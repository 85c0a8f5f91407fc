package io.dropserver.schema.edit;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** A new piece of YAML in block or flow style, and the events that a parser produces for it. */
sealed interface Fragment {
  /** Returns the fragment in flow style, on one line. */
  String flow();

  void addEvents(List<String> events);

  record TextFragment(String value) implements Fragment {
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
  record InlineList(List<String> values) implements Fragment {
    @Override
    public String flow() {
      return values.stream().map(ScalarText::of).collect(Collectors.joining(", ", "[", "]"));
    }

    @Override
    public void addEvents(List<String> events) {
      events.add(EventText.SEQUENCE);
      values.forEach(value -> new TextFragment(value).addEvents(events));
      events.add(EventText.SEQUENCE_END);
    }
  }

  record Entries(List<FieldGroup> items) implements Fragment {
    @Override
    public String flow() {
      return items.stream().map(FieldGroup::flow).collect(Collectors.joining(", ", "[", "]"));
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
  record FieldGroup(List<FragmentField> fields, boolean oneLine) implements Fragment {
    FieldGroup(List<FragmentField> fields) {
      this(fields, false);
    }

    @Override
    public String flow() {
      return fields.stream().map(FragmentField::flow).collect(Collectors.joining(", ", "{", "}"));
    }

    @Override
    public void addEvents(List<String> events) {
      events.add(EventText.MAPPING);
      fields.forEach(fragmentField -> fragmentField.addEvents(events));
      events.add(EventText.MAPPING_END);
    }

    /** Returns the fields in flow style, without the braces. */
    String flowBody() {
      String whole = flow();
      return whole.substring(1, whole.length() - 1);
    }
  }

  record FragmentField(String key, Fragment value) {
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
  static List<String> block(FragmentField fragmentField, int column, Indent indent) {
    List<String> lines = new ArrayList<>();
    String start = " ".repeat(column) + fragmentField.key() + ":";
    switch (fragmentField.value()) {
      case TextFragment textFragment -> lines.add(start + " " + textFragment.flow());
      case InlineList inlineList -> lines.add(start + " " + inlineList.flow());
      case Entries entries -> {
        lines.add(start);
        lines.addAll(blockValue(entries, column, indent));
      }
      case FieldGroup fieldGroup -> {
        lines.add(start);
        lines.addAll(blockValue(fieldGroup, column, indent));
      }
    }
    return lines;
  }

  /** Returns the lines of a value below a key at this column. */
  static List<String> blockValue(Fragment value, int column, Indent indent) {
    List<String> lines = new ArrayList<>();
    switch (value) {
      case TextFragment textFragment ->
          lines.add(" ".repeat(column + indent.step()) + textFragment.flow());
      case InlineList inlineList ->
          lines.add(" ".repeat(column + indent.step()) + inlineList.flow());
      case Entries entries ->
          entries.items().forEach(item -> lines.addAll(item(item, column + indent.list(), 2)));
      case FieldGroup fieldGroup ->
          fieldGroup
              .fields()
              .forEach(
                  fragmentField ->
                      lines.addAll(block(fragmentField, column + indent.step(), indent)));
    }
    return lines;
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
