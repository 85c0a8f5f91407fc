package io.dropserver.cli.run;

import io.dropserver.base.http1.HeadEncoder;
import io.dropserver.cli.command.HostOptions;
import io.dropserver.cli.command.ProgramHome;
import io.dropserver.cli.logging.Logging;
import io.dropserver.cli.repository.GitProgram;
import io.dropserver.control.InstanceStatus;
import io.dropserver.control.ObjectStatus;
import io.dropserver.schema.host.HostConfig;
import io.dropserver.server.Server;
import io.dropserver.state.StateFolder;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Runs the operations of a server's start, so that the JVM can record them for faster starts: a
 * first start with an installation and requests, and a second start with existing state. The caller
 * has a private umask and a mount namespace of its own.
 *
 * @param repository a new instance repository
 * @param state folder for the server's state
 * @param err receives the objects that were not ready in time
 */
record ServerTraining(Path repository, Path state, PrintWriter err) {
  private static final int STARTS = 2;
  private static final int REQUESTS = 20;
  private static final int MAX_HEAD_BYTES = 1 << 10;
  private static final Duration READY_TIMEOUT = Duration.ofSeconds(60);

  void run() throws IOException {
    Logging.ofServer();
    new GitProgram().commit(repository, "Dropserver", "training@dropserver.invalid", "Begin");
    HostConfig config = HostOptions.local(repository, 0);
    for (int start = 0; start < STARTS; start++) {
      try (Server server = Server.start(config, new StateFolder(state), ProgramHome.folder())) {
        InstanceStatus status =
            DemoCommand.await(server.view()::status, InstanceStatus::ready, READY_TIMEOUT);
        for (ObjectStatus object : status.objects()) {
          if (!object.ready()) {
            reportNotReady(object);
          }
          if (object.url().isPresent()) {
            sendRequests(URI.create(object.url().get()));
          }
        }
        sendRequests(URI.create(server.shellUrl()));
      }
    }
  }

  /** A machine that cannot run the app can still record the rest. */
  private void reportNotReady(ObjectStatus object) {
    err.println(
        "train: %s %s is not ready (%s), so the cache lacks the code that serves it; repair this, then run dropserver --train-cache again: %s"
            .formatted(object.kind(), object.name(), object.reason(), object.message()));
  }

  private static void sendRequests(URI url) throws IOException {
    for (int i = 0; i < REQUESTS; i++) {
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), url.getPort())) {
        new HeadEncoder(MAX_HEAD_BYTES)
            .request("GET", "/")
            .field("Host", url.getAuthority())
            .field("Connection", "close")
            .end(socket.getOutputStream());
        socket.getInputStream().readAllBytes();
      }
    }
  }
}
