package io.dropserver.cli.command;

import io.dropserver.control.BackupControl;
import io.dropserver.control.Control;
import io.dropserver.control.InstanceView;
import io.dropserver.control.SecretControl;
import io.dropserver.control.UpdateControl;
import io.dropserver.control.UserControl;
import io.dropserver.web.control.BackupClient;
import io.dropserver.web.control.ControlClient;
import io.dropserver.web.control.SecretClient;
import io.dropserver.web.control.UpdateClient;
import io.dropserver.web.control.UserClient;
import java.nio.file.Path;

/** The control API of a server. */
public record ServerConnection(
    InstanceView view,
    Control control,
    BackupControl backups,
    UserControl users,
    SecretControl secrets,
    UpdateControl updates) {

  /** Returns the API at the socket in a state folder. Each call opens a connection. */
  public static ServerConnection toSocket(Path stateFolder) {
    ControlClient client = new ControlClient(stateFolder);
    return new ServerConnection(
        client,
        client,
        new BackupClient(stateFolder),
        new UserClient(stateFolder),
        new SecretClient(stateFolder),
        new UpdateClient(stateFolder));
  }
}
