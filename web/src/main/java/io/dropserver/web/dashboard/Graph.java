package io.dropserver.web.dashboard;

import java.util.List;
import java.util.Locale;
import java.util.function.LongFunction;

/**
 * A small graph of the last ten minutes, which {@code graph.jte} renders as an SVG of {@link
 * #WIDTH} by {@link #HEIGHT} units.
 *
 * @param now the newest value with its unit; a dash without values
 * @param bounds the limit or the highest value, as text
 * @param description the text alternative for screen readers
 * @param line SVG path data of the line; empty without values
 * @param area SVG path data of the area below the line; empty without values
 */
public record Graph(
    String title, String now, String bounds, String description, String line, String area) {
  public static final int WIDTH = 240;
  public static final int HEIGHT = 48;
  private static final int MAX_POINTS = 120;

  /** The margin at the top and the bottom, so that the line's stroke is not clipped. */
  private static final double TOP = 1;

  /**
   * Creates a graph that is scaled to a limit, or to the highest value if that exceeds the limit.
   *
   * @param values oldest first
   * @param text formats a value with its unit
   */
  static Graph scaledToLimit(
      long limit, String title, List<Long> values, LongFunction<String> text) {
    long scale = Math.max(Math.max(1, limit), highest(values));
    return of(title, values, scale, text, "of " + text.apply(limit));
  }

  /** Creates a graph that is scaled to its highest value, or to 1 if all values are lower. */
  static Graph scaledToMaximum(String title, List<Long> values, LongFunction<String> text) {
    long scale = Math.max(1, highest(values));
    return of(title, values, scale, text, "at most " + text.apply(highest(values)));
  }

  private static Graph of(
      String title, List<Long> values, long scale, LongFunction<String> text, String bounds) {
    if (values.isEmpty()) {
      return new Graph(title, "–", "", title + ": no recent measurements", "", "");
    }
    String latest = text.apply(values.getLast());
    String words =
        "%s in the last ten minutes: now %s, at most %s, %s"
            .formatted(title, latest, text.apply(highest(values)), bounds);
    String line = line(downsampled(values), scale);
    String area = line + "L" + WIDTH + " " + HEIGHT + "L0 " + HEIGHT + "Z";
    return new Graph(title, latest, bounds, words, line, area);
  }

  /** Returns whether the graph contains values. */
  public boolean measured() {
    return !line.isEmpty();
  }

  private static long highest(List<Long> values) {
    return values.stream().mapToLong(Long::longValue).max().orElse(0);
  }

  /** Keeps the highest of neighbouring values, because peaks matter most. */
  private static List<Long> downsampled(List<Long> values) {
    if (values.size() <= MAX_POINTS) {
      return values;
    }
    Long[] kept = new Long[MAX_POINTS];
    for (int i = 0; i < MAX_POINTS; i++) {
      int from = (int) ((long) i * values.size() / MAX_POINTS);
      int to = (int) ((i + 1L) * values.size() / MAX_POINTS);
      kept[i] = highest(values.subList(from, to));
    }
    return List.of(kept);
  }

  private static String line(List<Long> values, long scale) {
    if (values.size() == 1) {
      String y = height(values.getFirst(), scale);
      return "M0 " + y + "L" + WIDTH + " " + y;
    }
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < values.size(); i++) {
      if (isInsidePlateau(values, i)) {
        continue;
      }
      double x = (double) i * WIDTH / (values.size() - 1);
      line.append(i == 0 ? 'M' : 'L').append(number(x)).append(' ');
      line.append(height(values.get(i), scale));
    }
    return line.toString();
  }

  /** Returns whether both neighbours have the same value, so that the line needs no point here. */
  private static boolean isInsidePlateau(List<Long> values, int i) {
    return i > 0
        && i < values.size() - 1
        && values.get(i).equals(values.get(i - 1))
        && values.get(i).equals(values.get(i + 1));
  }

  private static String height(long value, long scale) {
    double part = Math.clamp((double) value / scale, 0.0, 1.0);
    return number(HEIGHT - TOP - part * (HEIGHT - 2 * TOP));
  }

  private static String number(double value) {
    String text = String.format(Locale.ROOT, "%.1f", value);
    return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
  }
}
