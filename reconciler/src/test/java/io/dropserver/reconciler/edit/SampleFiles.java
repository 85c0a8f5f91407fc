package io.dropserver.reconciler.edit;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Generates YAML files in the styles in which people write them, with a different style for each
 * call.
 */
final class SampleFiles {
  private final Random random;

  private SampleFiles(Random random) {
    this.random = random;
  }

  /** Returns a file that contains the whitelist {@code garden}. */
  static String next(Random random) {
    return new SampleFiles(random).file();
  }

  private String file() {
    StringBuilder file = new StringBuilder();
    if (chance()) {
      file.append(
          pick(
              "# a tab\tand a quote \" here\n",
              "\n\n# über 🌱 all\n",
              "---\n",
              "%YAML 1.1\n---\n"));
    }
    if (chance()) {
      boolean marked = file.indexOf("---") >= 0;
      file.append("kind: User # first\nmetadata: {name: alice}\nspec: {note: \"a: b # c\"}\n");
      file.append(marked ? pick("---\n", "...\n---\n# x\n") : "---\n");
    }
    file.append(chance() ? flowDocument() : blockDocument());
    if (chance()) {
      file.append(file.toString().endsWith("\n") ? "" : "\n")
          .append(pick("---\n", "...\n# c\n---\n"));
      file.append(
          """
          kind: EgressWhitelist
          metadata:
            name: other
          spec:
            allow:
            - url: https://o.example/
          """);
    }
    String text = file.toString();
    text = chance() ? text.stripTrailing() : text;
    text = chance() ? text.replace("\n", "\r\n") : text;
    return random.nextInt(8) == 0 ? "\uFEFF" + text : text;
  }

  private String flowDocument() {
    String spec =
        pick(
            "{}",
            "{appspace: garden}",
            "{appspace: garden,}",
            "{appspace: garden, allow: " + flowList(1) + "}");
    return pick(
        "{kind: EgressWhitelist, metadata: {name: garden}, spec: " + spec + "}\n",
        "{\n"
            + "  \"kind\": \"EgressWhitelist\", # c\n"
            + "  \"metadata\": {\"name\": \"garden\"},\n"
            + "  \"spec\": "
            + spec
            + "\n}\n",
        "{kind: EgressWhitelist, metadata: {name: garden}}\n");
  }

  private String blockDocument() {
    int step = 2 * (1 + random.nextInt(2));
    String in = " ".repeat(step);
    String head =
        "kind: EgressWhitelist\nmetadata:"
            + pick(" {name: garden}\n", "\n" + in + "name: garden # me\n");
    return head
        + switch (random.nextInt(5)) {
          case 0 -> "";
          case 1 -> "spec:" + pick("\n", " # none\n", "   \n\n# end\n");
          case 2 ->
              "spec: "
                  + pick("{}", "{ } # c", "{appspace: garden}", "{\n  appspace: garden # c\n}")
                  + "\n";
          case 3 ->
              "spec:\n"
                  + in
                  + "appspace: garden"
                  + pick("\n", "   # whose\n", "\n\n")
                  + comment(in);
          default -> blockSpec(step);
        };
  }

  private String blockSpec(int step) {
    String in = " ".repeat(step);
    List<String> keys = new ArrayList<>();
    keys.add(in + "appspace: " + pick("garden", "\"garden\"", "'garden'") + "\n");
    keys.add(in + "allow:" + list(step) + comment(in));
    if (chance()) {
      keys.add(in + "deny:" + list(step));
    }
    if (chance()) {
      keys.add(in + "browser: {inlineStyles: true}" + pick("\n", " # c\n"));
    }
    return "spec:\n" + String.join(pick("", "\n", comment(in)), keys);
  }

  private String list(int step) {
    return switch (random.nextInt(4)) {
      case 0 ->
          pick(
              "\n",
              " # nothing yet\n",
              " []\n",
              " [ ] # c\n",
              " [ # c\n" + " ".repeat(step + 1) + "]\n");
      case 1 -> " " + flowList(step + 2) + pick("\n", " # c\n");
      default -> "\n" + blockList(step + pick(0, 2, 4));
    };
  }

  private String flowList(int column) {
    String in = " ".repeat(column);
    String item = "{url: https://a.example/, methods: [GET]}";
    return switch (random.nextInt(7)) {
      case 0 -> "[]";
      case 1 -> "[" + item + "]";
      case 2 -> "[ " + item + " ]";
      case 3 -> "[\n" + in + item + ", # c, d\n" + in + item + " # last\n" + in + "]";
      case 4 -> "[\n" + in + item + "," + pick("\n", " # c\n") + in + "]";
      case 5 -> "[\n" + in + item + ",\n" + in + item + "]";
      default -> "[" + item + ",\n" + in + " url: https://b.example/" + pick("", "\n" + in) + "]";
    };
  }

  private String blockList(int column) {
    StringBuilder list = new StringBuilder();
    int offset = 2 + 2 * random.nextInt(2);
    String dash = " ".repeat(column) + "-" + " ".repeat(offset - 1);
    String in = " ".repeat(column + offset);
    int items = 1 + random.nextInt(3);
    for (int i = 0; i < items; i++) {
      list.append(
          switch (random.nextInt(6)) {
            case 0 -> dash + "{url: https://a.example/, methods: [GET, POST]} # f\n";
            case 1 ->
                dash
                    + "url: https://a.example/\n"
                    + in
                    + "reason: |-\n"
                    + in
                    + "  two\n\n"
                    + in
                    + "  lines\n";
            case 2 ->
                dash
                    + "url: https://a.example/\n"
                    + in
                    + "reason: \"a\n\n"
                    + in
                    + "   b # no\"  # yes\n";
            case 3 -> dash + "url: https://a.example/\n" + in + "methods:\n" + in + "- GET # c\n";
            case 4 -> dash + "url: https://a.example/ #\ttab\n" + in + "# commented: out\n";
            default ->
                dash
                    + "url: https://a.example/\n"
                    + in
                    + "reason:"
                    + pick("\n", " # none\n", " >-\n" + in + "  folded\n\n");
          });
      list.append(i + 1 < items ? comment(" ".repeat(column)) : "");
    }
    return list.toString();
  }

  private String comment(String in) {
    return pick(
        "", in + "# - url: https://no.example/\n", "# left: edge\n", "\n", in + "  # deeper\n\n");
  }

  private boolean chance() {
    return random.nextInt(3) == 0;
  }

  @SafeVarargs
  private final <T> T pick(T... choices) {
    return choices[random.nextInt(choices.length)];
  }
}
