package io.dropserver.reconciler.edit;

import java.util.Comparator;
import java.util.List;

/** Replaces the text between two offsets. An insertion has an empty range. */
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
