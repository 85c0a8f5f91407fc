package io.dropserver.reconciler.cli;

import java.time.Clock;

/** The dependencies of commands. */
record Context(Terminal terminal, ServerConnection.Connector connector, Clock clock) {

  ServerConnection server(StateOption state) {
    return connector.connect(state.folder(terminal.environment()));
  }
}
