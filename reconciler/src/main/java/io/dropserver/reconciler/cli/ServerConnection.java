package io.dropserver.reconciler.cli;

import io.dropserver.schema.status.BackupControl;
import io.dropserver.schema.status.Control;
import io.dropserver.schema.status.InstanceView;
import io.dropserver.schema.status.SecretControl;
import io.dropserver.schema.status.UserControl;
import java.nio.file.Path;

/** A connection to a server through the socket in its state folder. */
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
     * @throws CommandException when no server responds at the socket
     */
    ServerConnection connect(Path stateFolder);
  }
}
