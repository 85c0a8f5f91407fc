package io.dropserver.reconciler.status;

import io.dropserver.base.text.JsonText;
import io.dropserver.control.RevisionChanges;
import io.dropserver.control.StatusProblem;
import io.dropserver.state.condition.Condition;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.ObjectReader;

/** The JSON values in the database. */
final class StateJson {
  /** Built once, because a start reads the conditions of thousands of objects. */
  private static final ObjectReader CONDITIONS = JsonText.MAPPER.readerForListOf(Condition.class);

  private StateJson() {}

  static String write(Object value) {
    return JsonText.MAPPER.writeValueAsString(value);
  }

  static Conditions conditions(String json) {
    List<Condition> conditions = CONDITIONS.readValue(json);
    return new Conditions(List.copyOf(conditions));
  }

  static RevisionChanges applied(String json) {
    return JsonText.MAPPER.readValue(json, RevisionChanges.class);
  }

  static List<StatusProblem> problems(String json) {
    return JsonText.MAPPER.readValue(json, new TypeReference<List<StatusProblem>>() {});
  }

  static SortedMap<String, String> fields(String json) {
    return JsonText.MAPPER.readValue(json, new TypeReference<TreeMap<String, String>>() {});
  }
}
