package io.dropserver.web.control;

import io.dropserver.control.AuditTrail;
import io.dropserver.control.BackupControl;
import io.dropserver.control.Control;
import io.dropserver.control.InstanceView;
import io.dropserver.control.SecretControl;
import io.dropserver.control.UpdateControl;
import io.dropserver.control.UserControl;
import io.dropserver.state.StateFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.unixdomain.server.UnixDomainServerConnector;
import org.eclipse.jetty.util.VirtualThreads;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/**
 * Serves the control API on a Unix socket that only the user of this process can open. There is no
 * log-in: access to the socket grants every operation, and each one that changes something is
 * recorded. Thread-safe.
 */
public final class ControlServer implements AutoCloseable {
  private final Server server;
  private final Path socket;

  private ControlServer(Server server, Path socket) {
    this.server = server;
    this.socket = socket;
  }

  /**
   * Starts listening. The caller must hold the lock of the state folder. An existing socket file is
   * replaced, because its server is dead.
   *
   * @param audit receives each call that changes something
   * @throws UncheckedIOException when the socket cannot be created
   */
  public static ControlServer start(
      Path stateFolder,
      InstanceView view,
      Control control,
      BackupControl backups,
      UserControl users,
      SecretControl secrets,
      UpdateControl updates,
      AuditTrail audit) {
    Path socket = new StateFolder(stateFolder).controlSocket();
    Path unready = socket.resolveSibling(socket.getFileName() + ".new");
    QueuedThreadPool threads = new QueuedThreadPool(16, 2);
    threads.setName("control");
    threads.setVirtualThreadsExecutor(VirtualThreads.getDefaultVirtualThreadsExecutor());
    Server server = new Server(threads);
    HttpConfiguration http = new HttpConfiguration();
    http.setSendServerVersion(false);
    UnixDomainServerConnector connector =
        new UnixDomainServerConnector(server, 1, 1, new HttpConnectionFactory(http));
    connector.setUnixDomainPath(unready);
    connector.setIdleTimeout(0); // `sync --wait` and `logs -f` may be silent for any length of time
    server.addConnector(connector);
    server.setHandler(
        new ControlHandler(
            audit,
            new BackupRoutes(backups),
            new UserRoutes(users),
            new SecretRoutes(secrets),
            new UpdateRoutes(updates),
            new ControlRoutes(view, control)));
    server.setErrorHandler(new ControlErrorHandler());
    try {
      Files.deleteIfExists(unready);
      server.start();
      Files.setPosixFilePermissions(unready, PosixFilePermissions.fromString("rw-------"));
      Files.move(unready, socket, StandardCopyOption.ATOMIC_MOVE);
      return new ControlServer(server, socket);
    } catch (Exception e) {
      stop(server);
      throw new UncheckedIOException(
          "cannot listen on %s: %s (a socket's path has at most 107 bytes; choose a shorter state folder if it is longer)"
              .formatted(socket, e.getMessage()),
          e instanceof IOException io ? io : new IOException(e));
    }
  }

  @Override
  public void close() {
    try {
      Files.deleteIfExists(socket);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot remove " + socket, e);
    } finally {
      stop(server);
    }
  }

  private static void stop(Server server) {
    try {
      server.stop();
    } catch (Exception e) {
      throw new IllegalStateException("the control server does not stop: " + e.getMessage(), e);
    }
  }
}
