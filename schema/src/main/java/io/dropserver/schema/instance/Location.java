package io.dropserver.schema.instance;

/**
 * The position of a value in a file.
 *
 * @param file path inside the repository, with forward slashes
 * @param line 1-based
 * @param column 1-based, counted in Unicode code points
 */
public record Location(String file, int line, int column) implements Comparable<Location> {

  /** Returns the location of a problem that concerns a whole file. */
  public static Location ofFile(String file) {
    return new Location(file, 1, 1);
  }

  @Override
  public int compareTo(Location other) {
    int byFile = file.compareTo(other.file);
    if (byFile != 0) {
      return byFile;
    }
    int byLine = Integer.compare(line, other.line);
    return byLine != 0 ? byLine : Integer.compare(column, other.column);
  }

  @Override
  public String toString() {
    return file + ":" + line + ":" + column;
  }
}
