package io.dropserver.reconciler.sops;

import io.dropserver.schema.sops.SopsMetadata.DataKey;
import java.util.List;
import java.util.Locale;
import java.util.SequencedMap;
import java.util.Set;
import java.util.regex.Pattern;

/** Writes documents of kind Secret as YAML, with the layout of sops. */
record SecretText(String comments, String name, SequencedMap<String, String> labels) {
  /** The version of sops whose format is written. */
  private static final String VERSION = "3.13.2";

  private static final Pattern PLAIN = Pattern.compile("[A-Za-z_][A-Za-z0-9_-]*");

  /** Words that some YAML parsers read as another type than text. */
  private static final Set<String> WORDS =
      Set.of("null", "true", "false", "yes", "no", "on", "off", "y", "n");

  /**
   * @param values encrypted or in clear text, by appspace and name
   */
  String of(SequencedMap<String, SequencedMap<String, String>> values) {
    StringBuilder text =
        new StringBuilder(comments)
            .append("apiVersion: dropserver.io/v1\nkind: Secret\nmetadata:\n    name: ")
            .append(key(name))
            .append(labels.isEmpty() ? "\n" : "\n    labels:\n");
    labels.forEach(
        (key, value) ->
            text.append("        ")
                .append(key(key))
                .append(": ")
                .append(quoted(value))
                .append('\n'));
    text.append("spec:\n    secrets:").append(values.isEmpty() ? " {}\n" : "\n");
    values.forEach(
        (appspace, secrets) -> {
          text.append("        ")
              .append(key(appspace))
              .append(secrets.isEmpty() ? ": {}\n" : ":\n");
          secrets.forEach(
              (secret, value) ->
                  text.append("            ")
                      .append(key(secret))
                      .append(": ")
                      .append(value.startsWith("ENC[") ? value : quoted(value))
                      .append('\n'));
        });
    return text.toString();
  }

  static String metadata(String key, List<DataKey> dataKeys, String time, String mac) {
    StringBuilder text = new StringBuilder(key).append(":\n    age:\n");
    for (DataKey dataKey : dataKeys) {
      text.append("        - enc: |\n");
      dataKey
          .armored()
          .lines()
          .forEach(line -> text.append("            ").append(line).append('\n'));
      dataKey
          .recipient()
          .ifPresent(
              recipient ->
                  text.append("          recipient: ").append(quoted(recipient)).append('\n'));
    }
    return text.append("    encrypted_regex: ^secrets$\n    lastmodified: ")
        .append(quoted(time))
        .append("\n    mac: ")
        .append(mac)
        .append("\n    version: ")
        .append(VERSION)
        .append('\n')
        .toString();
  }

  private static String key(String key) {
    boolean plain = PLAIN.matcher(key).matches() && !WORDS.contains(key.toLowerCase(Locale.ROOT));
    return plain ? key : quoted(key);
  }

  /** Returns the text in double quotes. All characters but these are ASCII and visible. */
  private static String quoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    text.chars()
        .forEach(
            c -> {
              if (c == '"' || c == '\\') {
                quoted.append('\\').append((char) c);
              } else if (c >= ' ' && c <= '~') {
                quoted.append((char) c);
              } else {
                quoted.append("\\u%04x".formatted(c));
              }
            });
    return quoted.append('"').toString();
  }
}
