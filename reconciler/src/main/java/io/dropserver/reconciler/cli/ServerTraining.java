package io.dropserver.reconciler.cli;

import io.dropserver.reconciler.server.Server;
import io.dropserver.sandbox.isolation.MountNamespace;
import io.dropserver.sandbox.linux.Umask;
import io.dropserver.schema.host.HostConfig;
import io.dropserver.schema.host.HostConfig.Repo;
import io.dropserver.schema.host.HostConfig.SandboxSettings;
import io.dropserver.schema.state.StateFolder;
import io.dropserver.schema.status.ObjectStatus;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.TreeSet;

/**
 * Runs the operations of a server's start, so that the JVM can record them for faster starts: a
 * first start with an installation and requests, and a second start with existing state.
 *
 * @param repository a new instance repository
 * @param state folder for the server's state
 */
record ServerTraining(Path repository, Path state) {
  private static final int STARTS = 2;
  private static final int REQUESTS = 20;
  private static final Duration READY_TIMEOUT = Duration.ofSeconds(60);
  private static final Duration POLL_INTERVAL = Duration.ofMillis(50);

  void run() throws IOException {
    Logging.ofServer();
    Umask.makePrivate();
    MountNamespace.enterOwn();
    commit();
    for (int start = 0; start < STARTS; start++) {
      try (Server server = Server.start(config(), new StateFolder(state), ProgramHome.folder())) {
        awaitReady(server);
        for (ObjectStatus object : server.view().status().objects()) {
          if (object.url().isPresent()) {
            sendRequests(URI.create(object.url().get()));
          }
        }
        sendRequests(URI.create(server.shellUrl()));
      }
    }
  }

  private void commit() throws IOException {
    new GitProgram()
        .run(
            repository,
            "-c",
            "user.name=Dropserver",
            "-c",
            "user.email=training@dropserver.invalid",
            "-c",
            "commit.gpgsign=false",
            "commit",
            "--quiet",
            "--message",
            "Begin");
  }

  private HostConfig config() {
    return HostConfig.DEFAULT
        .withRepo(Repo.of(repository.toString()))
        .withListen(List.of(HostOptions.listener("127.0.0.1:0")))
        .withSandbox(
            SandboxSettings.DEFAULT.withAllowWeaker(
                new TreeSet<>(EnumSet.allOf(HostConfig.IsolationLayer.class))));
  }

  /**
   * Waits until the app is ready. Continues after a timeout, because a machine that cannot run the
   * app can still record the rest.
   */
  private static void awaitReady(Server server) {
    long end = System.nanoTime() + READY_TIMEOUT.toNanos();
    try {
      while (!server.view().status().ready() && System.nanoTime() < end) {
        Thread.sleep(POLL_INTERVAL);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void sendRequests(URI url) throws IOException {
    String request =
        "GET / HTTP/1.1\r\nHost: " + url.getAuthority() + "\r\nConnection: close\r\n\r\n";
    for (int i = 0; i < REQUESTS; i++) {
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), url.getPort())) {
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        socket.getInputStream().readAllBytes();
      }
    }
  }
}
