package io.dropserver.reconciler.cli;

import io.dropserver.schema.text.VisibleText;
import java.time.Clock;

/** The dependencies of commands. */
record Context(Terminal terminal, ServerConnection.Connector connector, Clock clock) {

  ServerConnection server(StateOption state) {
    return connector.connect(state.folder(terminal.environment()));
  }

  /** Prints one line of data, with unsafe characters made visible. */
  void print(String line) {
    terminal.out().println(VisibleText.line(line));
  }
}
