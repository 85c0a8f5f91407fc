package io.dropserver.cli.command;

import io.dropserver.base.text.VisibleText;
import io.dropserver.cli.output.Terminal;
import java.nio.file.Path;
import java.time.Clock;
import java.util.function.Function;

/** The dependencies of commands. */
public record Context(Terminal terminal, Function<Path, ServerConnection> connector, Clock clock) {

  public ServerConnection server(StateOption state) {
    return connector.apply(state.folder(terminal.environment()));
  }

  /** Prints one line of data, with unsafe characters made visible. */
  public void print(String line) {
    terminal.out().println(VisibleText.line(line));
  }

  /** Prints text of several lines, with unsafe characters made visible. */
  public void printLines(String text) {
    terminal.out().println(VisibleText.lines(text));
  }
}
