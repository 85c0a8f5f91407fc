package io.dropserver.schema.edit;

import java.util.Comparator;
import java.util.List;

/** Replaces the text between two offsets. The range is usually empty. */
record TextEdit(int from, int to, String text) {
  static TextEdit insert(int at, String text) {
    return new TextEdit(at, at, text);
  }

  static String apply(String text, List<TextEdit> splices) {
    StringBuilder result = new StringBuilder(text);
    splices.stream()
        .sorted(Comparator.comparingInt(TextEdit::from).reversed())
        .forEach(textEdit -> result.replace(textEdit.from(), textEdit.to(), textEdit.text()));
    return result.toString();
  }
}
