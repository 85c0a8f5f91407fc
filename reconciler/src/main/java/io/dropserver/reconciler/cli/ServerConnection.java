package io.dropserver.reconciler.cli;

import io.dropserver.schema.status.BackupControl;
import io.dropserver.schema.status.Control;
import io.dropserver.schema.status.InstanceView;
import io.dropserver.schema.status.SecretControl;
import io.dropserver.schema.status.UserControl;
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
