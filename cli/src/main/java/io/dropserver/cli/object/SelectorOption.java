package io.dropserver.cli.object;

import io.dropserver.cli.output.CommandException;
import io.dropserver.control.ObjectStatus;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** {@code -l}: selects objects by their labels. */
final class SelectorOption {

  @Option(
      names = {"-l", "--selector"},
      paramLabel = "SELECTOR",
      description =
          "Only objects with these labels: k=v, k!=v, k, !k, k in (a,b), k notin (a,b), separated"
              + " by commas.")
  @Nullable String text;

  /**
   * @throws CommandException when the text is not a selector
   */
  LabelSelector selector() {
    return text == null ? LabelSelector.ALL : LabelSelector.parse(text);
  }

  List<ObjectStatus> select(List<ObjectStatus> objects) {
    LabelSelector selector = selector();
    return objects.stream().filter(selector::accepts).toList();
  }

  /**
   * @throws CommandException when there is a selector although one object is named
   */
  void refuseFor(ObjectName named) {
    if (text != null && named.name().isPresent()) {
      throw new CommandException(
          "a selector cannot be combined with the name of an object", "leave out one of them");
    }
  }
}
