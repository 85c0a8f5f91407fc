package io.dropserver.cli.output;

import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.DumperOptions.ScalarStyle;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.representer.Representer;

/** Prints the YAML output of commands, with the same keys and values as {@link Json}. */
final class Yaml {
  private Yaml() {}

  static void print(Terminal terminal, Object value) {
    terminal.out().print(text(value));
  }

  /** Prints one value as a document of its own, for streams. */
  static void printNext(Terminal terminal, Object value) {
    terminal.out().print("---\n" + text(value));
  }

  /** Returns text without control characters, because all that is not ASCII is escaped. */
  private static String text(Object value) {
    DumperOptions options = new DumperOptions();
    options.setDefaultFlowStyle(DumperOptions.FlowStyle.BLOCK);
    options.setAllowUnicode(false);
    options.setSplitLines(false);
    return new org.yaml.snakeyaml.Yaml(
            new SafeConstructor(new LoaderOptions()), new TextRepresenter(options), options)
        .dump(Json.plain(value));
  }

  /** Quotes text with control characters, which SnakeYAML would write as binary data. */
  private static final class TextRepresenter extends Representer {
    TextRepresenter(DumperOptions options) {
      super(options);
      representers.put(String.class, value -> scalar(String.valueOf(value)));
    }

    private Node scalar(String text) {
      boolean plain = text.chars().allMatch(c -> c >= ' ' && c <= '~');
      return representScalar(Tag.STR, text, plain ? ScalarStyle.PLAIN : ScalarStyle.DOUBLE_QUOTED);
    }
  }
}
