package io.dropserver.reconciler.status;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.dropserver.schema.status.Condition;
import io.dropserver.schema.status.RevisionChanges;
import io.dropserver.schema.status.StatusProblem;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.json.JsonMapper;

/** The JSON values in the database. */
final class StateJson {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .changeDefaultPropertyInclusion(
              inclusion -> inclusion.withValueInclusion(JsonInclude.Include.NON_ABSENT))
          .build();

  /** Built once, because a start reads the conditions of thousands of objects. */
  private static final ObjectReader CONDITIONS = MAPPER.readerForListOf(Condition.class);

  private StateJson() {}

  static String write(Object value) {
    return MAPPER.writeValueAsString(value);
  }

  static Conditions conditions(String json) {
    List<Condition> conditions = CONDITIONS.readValue(json);
    return new Conditions(List.copyOf(conditions));
  }

  static RevisionChanges applied(String json) {
    return MAPPER.readValue(json, RevisionChanges.class);
  }

  static List<StatusProblem> problems(String json) {
    return MAPPER.readValue(json, new TypeReference<List<StatusProblem>>() {});
  }

  static SortedMap<String, String> fields(String json) {
    return MAPPER.readValue(json, new TypeReference<TreeMap<String, String>>() {});
  }
}
