package io.dropserver.reconciler.cli;

import io.dropserver.web.control.BackupControl;
import io.dropserver.web.control.Control;
import io.dropserver.web.control.InstanceView;
import io.dropserver.web.control.SecretControl;
import io.dropserver.web.control.UserControl;
import java.nio.file.Path;

/** The server of a state folder, reached through the socket in that folder. */
record ServerConnection(
    InstanceView view,
    Control control,
    BackupControl backups,
    UserControl users,
    SecretControl secrets) {

  /** Connects to the server of a state folder. */
  @FunctionalInterface
  interface Connector {
    /**
     * @throws CommandException when no server answers there
     */
    ServerConnection connect(Path stateFolder);
  }
}
