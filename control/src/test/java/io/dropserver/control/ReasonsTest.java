package io.dropserver.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.state.condition.AppReason;
import io.dropserver.state.condition.AppspaceReason;
import io.dropserver.state.condition.BackupReason;
import io.dropserver.state.condition.ConditionType;
import io.dropserver.state.condition.EventReason;
import io.dropserver.state.condition.InstanceReason;
import io.dropserver.state.condition.ObjectReason;
import io.dropserver.state.condition.Reason;
import io.dropserver.state.condition.Reason.Retry;
import io.dropserver.state.condition.SandboxReason;
import io.dropserver.state.condition.UpdateReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Compares the enums with {@code docs/reference/conditions.md}, in both directions. */
class ReasonsTest {
  private static final Pattern WORD = Pattern.compile("`([A-Z][A-Za-z]+)`");

  private final List<String> page;

  ReasonsTest() throws IOException {
    page = Files.readAllLines(Path.of("../docs/reference/conditions.md"));
  }

  private static Stream<Reason> reasons() {
    return Stream.<Reason[]>of(
            ObjectReason.values(),
            AppspaceReason.values(),
            AppReason.values(),
            SandboxReason.values(),
            BackupReason.values(),
            UpdateReason.values(),
            InstanceReason.values())
        .flatMap(Arrays::stream);
  }

  private static Set<String> types() {
    return Arrays.stream(ConditionType.values())
        .map(ConditionType::text)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Set<String> words(Stream<? extends Reason> reasons) {
    return reasons.map(Reason::text).collect(Collectors.toCollection(TreeSet::new));
  }

  /** The words in a column of every table that has it. */
  private Set<String> column(String title) {
    Set<String> found = new TreeSet<>();
    int column = -1;
    for (String line : page) {
      List<String> cells = Arrays.stream(line.split("\\|", -1)).map(String::strip).toList();
      if (!line.startsWith("|")) {
        column = -1;
      } else if (cells.contains(title)) {
        column = cells.indexOf(title);
      } else if (column >= 0) {
        found.addAll(words(cells.get(column)));
      }
    }
    return found;
  }

  private static Set<String> words(String text) {
    return WORD.matcher(text)
        .results()
        .map(match -> match.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void thePageListsEveryType() {
    assertThat(column("Type")).isEqualTo(types());
  }

  @Test
  void thePageListsTheSeverityOfEveryType() {
    List<String> rows =
        page.stream()
            .dropWhile(line -> !line.startsWith("| Type | Normal |"))
            .skip(2)
            .takeWhile(line -> line.startsWith("|"))
            .toList();
    assertThat(rows)
        .containsExactlyElementsOf(
            Arrays.stream(ConditionType.values())
                .map(
                    type ->
                        "| `%s` | %s | %s | %s |"
                            .formatted(
                                type.text(),
                                type.normal(),
                                type.severity().text(),
                                type.preventsReady() ? "yes" : "no"))
                .toList());
  }

  @Test
  void thePageListsEveryReason() {
    Set<String> listed = column("Reason");
    listed.removeAll(types()); // "the reason of `Ready`"
    assertThat(listed).isEqualTo(words(reasons()));
  }

  @Test
  void thePageListsEveryEvent() {
    assertThat(column("Event")).isEqualTo(words(Arrays.stream(EventReason.values())));
  }

  @Test
  void thePageListsReasonsThatAreNotRetried() {
    Set<String> listed =
        page.stream()
            .dropWhile(Predicate.not("### Reasons that need an edit or a person"::equals))
            .skip(1)
            .takeWhile(line -> !line.startsWith("#"))
            .flatMap(line -> words(line).stream())
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(listed)
        .isEqualTo(words(reasons().filter(reason -> reason.retry() == Retry.STALLED)));
  }

  @Test
  void knownReasonsAreFoundAndUnknownOnesAreNot() {
    assertThat(Reason.find(BackupReason.class, "NotVerified")).contains(BackupReason.NOT_VERIFIED);
    assertThat(Reason.find(BackupReason.class, "not-verified")).isEqualTo(Optional.empty());
  }
}
