package io.dropserver.reconciler.cli;

import java.nio.file.Path;

/** Reaches the server through the socket that it makes in its state folder. */
final class SocketConnector implements RunningServer.Connector {
  @Override
  public RunningServer connect(Path stateFolder) {
    throw new CommandException(
        "no server runs on " + stateFolder,
        "start it with `dropserver run`, or name another folder with --state or $"
            + StateOption.VARIABLE);
  }
}
