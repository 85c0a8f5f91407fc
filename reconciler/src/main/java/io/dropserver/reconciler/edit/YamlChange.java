package io.dropserver.reconciler.edit;

import java.util.ArrayList;
import java.util.List;

/**
 * An edit, and the events that a parser must produce for the result.
 *
 * @param fromEvent the events from here to {@code toEvent} (exclusive) are replaced by {@code
 *     events}
 */
record YamlChange(List<TextEdit> splices, int fromEvent, int toEvent, List<String> events) {

  /**
   * Applies the edit and parses the result.
   *
   * @throws UneditableException if the result would mean anything other than the intended change
   */
  String apply(YamlFile file) {
    List<String> expected = new ArrayList<>(file.events().subList(0, fromEvent));
    expected.addAll(events);
    expected.addAll(file.events().subList(toEvent, file.events().size()));
    String edited = TextEdit.apply(file.text(), splices);
    if (!YamlFile.read(edited).events().equals(expected)) {
      throw new UneditableException("an insertion would change other parts of the file");
    }
    return edited;
  }
}
