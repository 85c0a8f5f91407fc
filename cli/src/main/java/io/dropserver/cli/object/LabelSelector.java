package io.dropserver.cli.object;

import io.dropserver.base.text.LabelSyntax;
import io.dropserver.cli.output.CommandException;
import io.dropserver.control.ObjectStatus;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Selects objects by their labels, with the syntax and the meaning of kubectl: an object must
 * fulfil all conditions, and {@code !=} and {@code notin} also accept objects without the key.
 */
record LabelSelector(List<Requirement> requirements) {
  static final LabelSelector ALL = new LabelSelector(List.of());

  private static final Pattern COMPARED = Pattern.compile("([^\\s=!]+)\\s*(==|=|!=)\\s*(\\S*)");
  private static final Pattern IN_SET = Pattern.compile("(\\S+)\\s+(in|notin)\\s*\\(([^()]*)\\)");
  private static final Pattern HAS_KEY = Pattern.compile("(!?)\\s*([^\\s=!]+)");

  /**
   * One condition.
   *
   * @param values the values of which the label must have one; empty if any value is accepted
   * @param negated whether the object must not fulfil the rest of the condition
   */
  record Requirement(String key, Set<String> values, boolean negated) {
    boolean accepts(Map<String, String> labels) {
      String value = labels.get(key);
      return negated != (value != null && (values.isEmpty() || values.contains(value)));
    }
  }

  /**
   * Parses conditions that commas separate.
   *
   * @throws CommandException when the text is not a selector
   */
  static LabelSelector parse(String text) {
    return new LabelSelector(conditions(text).stream().map(LabelSelector::requirement).toList());
  }

  boolean accepts(ObjectStatus object) {
    return requirements.stream().allMatch(each -> each.accepts(object.labels()));
  }

  /** Splits at commas outside of parentheses. */
  private static List<String> conditions(String text) {
    List<String> conditions = new ArrayList<>();
    int start = 0;
    int depth = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      depth += c == '(' ? 1 : c == ')' ? -1 : 0;
      if (c == ',' && depth == 0) {
        conditions.add(text.substring(start, i).strip());
        start = i + 1;
      }
    }
    conditions.add(text.substring(start).strip());
    return conditions;
  }

  private static Requirement requirement(String condition) {
    Matcher compared = COMPARED.matcher(condition);
    if (compared.matches()) {
      Set<String> value = Set.of(value(compared.group(3), condition));
      return new Requirement(
          key(compared.group(1), condition), value, compared.group(2).equals("!="));
    }
    Matcher inSet = IN_SET.matcher(condition);
    if (inSet.matches()) {
      Set<String> values =
          Arrays.stream(inSet.group(3).split(",", -1))
              .map(each -> value(each.strip(), condition))
              .collect(Collectors.toUnmodifiableSet());
      return new Requirement(
          key(inSet.group(1), condition), values, inSet.group(2).equals("notin"));
    }
    Matcher hasKey = HAS_KEY.matcher(condition);
    if (hasKey.matches()) {
      return new Requirement(key(hasKey.group(2), condition), Set.of(), !hasKey.group(1).isEmpty());
    }
    throw new CommandException(
        condition.isEmpty()
            ? "the selector has an empty condition"
            : "\"" + condition + "\" is not a condition of a selector",
        "write k=v, k!=v, k, !k, k in (a,b) or k notin (a,b), with commas between conditions");
  }

  private static String key(String key, String condition) {
    if (!LabelSyntax.isKey(key)) {
      throw new CommandException(
          "\"%s\" in the condition \"%s\" is not the key of a label".formatted(key, condition),
          LabelSyntax.KEY_RULE);
    }
    return key;
  }

  private static String value(String value, String condition) {
    if (!LabelSyntax.isValue(value)) {
      throw new CommandException(
          "\"%s\" in the condition \"%s\" is not the value of a label".formatted(value, condition),
          LabelSyntax.VALUE_RULE);
    }
    return value;
  }
}
