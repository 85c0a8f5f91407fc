package io.dropserver.reconciler.cli;

import io.dropserver.web.control.BackupClient;
import io.dropserver.web.control.ControlClient;
import io.dropserver.web.control.SecretClient;
import io.dropserver.web.control.UserClient;
import java.nio.file.Path;

/** Connects to the server through the socket in its state folder. */
final class SocketConnector implements ServerConnection.Connector {
  @Override
  public ServerConnection connect(Path stateFolder) {
    ControlClient client = new ControlClient(stateFolder);
    return new ServerConnection(
        client,
        client,
        new BackupClient(stateFolder),
        new UserClient(stateFolder),
        new SecretClient(stateFolder));
  }
}
