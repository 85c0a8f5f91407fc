package io.dropserver.schema.instance;

import java.util.Comparator;

/**
 * The position of a value in a file.
 *
 * @param file path inside the repository, with forward slashes
 * @param line 1-based
 * @param column 1-based, counted in Unicode code points
 */
public record Location(String file, int line, int column) implements Comparable<Location> {
  private static final Comparator<Location> ORDER =
      Comparator.comparing(Location::file)
          .thenComparingInt(Location::line)
          .thenComparingInt(Location::column);

  /** Returns the location of a problem that concerns a whole file. */
  public static Location ofFile(String file) {
    return new Location(file, 1, 1);
  }

  @Override
  public int compareTo(Location other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return file + ":" + line + ":" + column;
  }
}
