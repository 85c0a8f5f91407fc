package io.dropserver.schema.read;

import io.dropserver.schema.document.MappingFields;
import io.dropserver.schema.document.Node.MappingEntry;
import io.dropserver.schema.document.Quoting;

/** Checks names of environment variables. */
final class VariableNames {
  private VariableNames() {}

  /**
   * @param noun the word for the entry in messages
   */
  static void check(MappingFields fields, MappingEntry entry, String noun) {
    String key = entry.key();
    if (!key.matches("[A-Za-z_][A-Za-z0-9_]{0,127}")) {
      fields.problem(
          entry.location(),
          Quoting.quote(key) + " is not a valid name of an environment variable",
          "use letters, digits and underscores, not beginning with a digit");
    } else if (ReservedNames.isVariable(key)) {
      fields.problem(
          entry.location(),
          noun + " " + Quoting.quote(key) + " is reserved",
          "the sandbox sets it; choose another name");
    }
  }
}
