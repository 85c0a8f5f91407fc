package io.dropserver.base.http1;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;

/** The messages of malformed.txt and valid.txt. */
final class MessageRows {
  private static final Pattern REPEATED = Pattern.compile("\\{(\\d+)\\*(.*?)}");

  private MessageRows() {}

  /**
   * @param second what the refusal says, or the method of the request
   * @param third the attack, or the body
   */
  record Row(boolean request, String second, String third, String message) {
    byte[] bytes() {
      return message.getBytes(StandardCharsets.ISO_8859_1);
    }

    @Override
    public String toString() {
      return (request ? "request, " : "response, ") + second + ", " + third;
    }
  }

  static List<Row> malformed() {
    return rows("malformed.txt");
  }

  static List<Row> valid() {
    return rows("valid.txt");
  }

  private static List<Row> rows(String name) {
    try (InputStream file = Objects.requireNonNull(MessageRows.class.getResourceAsStream(name))) {
      return new String(file.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.isEmpty() && !line.startsWith("#"))
          .map(MessageRows::row)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Row row(String line) {
    String[] cells = line.split("\\|", 4);
    String kind = cells[0].strip();
    if (!kind.equals("request") && !kind.equals("response")) {
      throw new IllegalStateException("not a row: " + line);
    }
    return new Row(
        kind.equals("request"),
        cells[1].strip(),
        unescape(cells[2].strip()),
        unescape(cells[3].substring(1)));
  }

  private static String unescape(String text) {
    return REPEATED
        .matcher(text)
        .replaceAll(
            match ->
                java.util.regex.Matcher.quoteReplacement(
                    match.group(2).repeat(Integer.parseInt(match.group(1)))))
        .translateEscapes();
  }
}
