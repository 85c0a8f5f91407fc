package io.dropserver.reconciler.cli;

import java.time.Clock;

/** The environment of commands. */
record Context(Terminal terminal, RunningServer.Connector connector, Clock clock) {

  RunningServer server(StateOption state) {
    return connector.connect(state.folder(terminal.environment()));
  }
}
