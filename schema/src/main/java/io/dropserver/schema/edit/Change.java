package io.dropserver.schema.edit;

import java.util.ArrayList;
import java.util.List;

/**
 * An edit, and what a parser must find afterwards.
 *
 * @param fromEvent the events from here to {@code toEvent} (exclusive) give way to {@code events}
 */
record Change(List<Splice> splices, int fromEvent, int toEvent, List<String> events) {

  /**
   * @throws UneditableException when the result means anything else than intended
   */
  String apply(YamlFile file) {
    List<String> expected = new ArrayList<>(file.events().subList(0, fromEvent));
    expected.addAll(events);
    expected.addAll(file.events().subList(toEvent, file.events().size()));
    String edited = Splice.apply(file.text(), splices);
    if (!YamlFile.read(edited).events().equals(expected)) {
      throw new UneditableException("an insertion would change what else the file says");
    }
    return edited;
  }
}
