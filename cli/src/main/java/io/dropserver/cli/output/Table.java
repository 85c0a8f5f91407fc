package io.dropserver.cli.output;

import io.dropserver.base.text.VisibleText;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Formats a table whose columns are as wide as their widest cell. Escapes characters that are
 * unsafe to print.
 */
public final class Table {
  private static final String GAP = "  ";

  private final List<List<Cell>> rows = new ArrayList<>();
  private final int columns;

  public Table(String... headings) {
    columns = headings.length;
    rows.add(Arrays.stream(headings).map(Cell::faint).toList());
  }

  public Table row(Cell... cells) {
    if (cells.length != columns) {
      throw new IllegalArgumentException("expected " + columns + " cells, got " + cells.length);
    }
    rows.add(List.of(cells));
    return this;
  }

  public void print(Terminal terminal) {
    int[] widths = IntStream.range(0, columns).map(this::width).toArray();
    for (List<Cell> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int column = 0; column < columns; column++) {
        Cell cell = row.get(column);
        line.append(cell.painted(terminal));
        if (column < columns - 1) {
          line.repeat(' ', widths[column] - cell.width()).append(GAP);
        }
      }
      terminal.out().println(line.toString().stripTrailing());
    }
  }

  private int width(int column) {
    return rows.stream().mapToInt(row -> row.get(column).width()).max().orElse(0);
  }

  /**
   * @param text must already be safe to print
   */
  public record Cell(String text, Optional<Terminal.Colour> colour) {
    public static Cell of(String text) {
      return new Cell(VisibleText.line(text), Optional.empty());
    }

    public static Cell of(String text, Terminal.Colour colour) {
      return new Cell(VisibleText.line(text), Optional.of(colour));
    }

    public static Cell faint(String text) {
      return of(text, Terminal.Colour.FAINT);
    }

    int width() {
      return text.codePointCount(0, text.length());
    }

    String painted(Terminal terminal) {
      return colour.map(c -> terminal.paint(c, text)).orElse(text);
    }
  }
}
