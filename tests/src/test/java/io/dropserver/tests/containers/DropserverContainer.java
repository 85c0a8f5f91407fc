package io.dropserver.tests.containers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.testcontainers.containers.Network;

/** The product's image, run with the flags from {@code docs/operate/containers.md}. */
final class DropserverContainer implements AutoCloseable {
  /**
   * A container gets only the CPU share of one process on a busy machine. On an idle one, the start
   * takes seconds.
   */
  private static final Duration STARTED = Duration.ofMinutes(6);

  private final String id;

  private DropserverContainer(String id) {
    this.id = id;
  }

  /**
   * Starts the container and waits until it serves.
   *
   * @param folder empty; receives the content of {@code /etc/dropserver}
   */
  static DropserverContainer start(
      String image, Network network, GitServerContainer git, Path folder)
      throws IOException, InterruptedException {
    Files.writeString(folder.resolve("dropserver.yaml"), configuration());
    Files.write(folder.resolve("key"), git.clientKey());
    Files.setPosixFilePermissions(
        folder.resolve("key"), PosixFilePermissions.fromString("rw-------"));
    Files.writeString(folder.resolve("known_hosts"), git.knownHosts());
    String id =
        DockerProgram.run(
            "create",
            "--network",
            network.getId(),
            "--publish",
            "127.0.0.1::8080",
            "--security-opt",
            "seccomp=unconfined",
            "--security-opt",
            "systempaths=unconfined",
            "--security-opt",
            "apparmor=unconfined",
            "--cgroupns=host",
            "--volume",
            "/sys/fs/cgroup:/sys/fs/cgroup:rw",
            image,
            "run",
            "--config",
            "/etc/dropserver/dropserver.yaml");
    DropserverContainer container = new DropserverContainer(id);
    try {
      DockerProgram.run("cp", folder.toString(), id + ":/etc/dropserver");
      DockerProgram.run("start", id);
      await("the container serves")
          .atMost(STARTED)
          .pollInterval(Duration.ofMillis(500))
          .untilAsserted(() -> assertThat(container.logs()).contains("serving http"));
      return container;
    } catch (IOException | InterruptedException | RuntimeException e) {
      container.close();
      throw e;
    }
  }

  private static String configuration() {
    return """
    repo:
      url: "ssh://root@%s/srv/home.git"
      branch: main
      sshKeyFile: key
      knownHostsFile: known_hosts
    listen:
      - {address: "0.0.0.0:8080", publicUrl: "https://dropserver.localhost", trustedProxies: [172.16.0.0/12]}
    sandbox: {allowWeaker: [storage]}
    """
        .formatted(GitServerContainer.ALIAS);
  }

  /** Returns the status of a request to an appspace, sent like a reverse proxy would. */
  int status(String host) throws IOException, InterruptedException {
    String published = DockerProgram.run("port", id, "8080/tcp");
    int port = Integer.parseInt(published.substring(published.lastIndexOf(':') + 1));
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 5_000);
      socket.setSoTimeout(60_000);
      socket
          .getOutputStream()
          .write(
              ("GET / HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n")
                  .getBytes(StandardCharsets.ISO_8859_1));
      byte[] head = socket.getInputStream().readNBytes(12);
      if (head.length < 12) {
        throw new IOException("no answer for " + host);
      }
      return Integer.parseInt(new String(head, 9, 3, StandardCharsets.ISO_8859_1));
    }
  }

  /** Runs the command line inside the container, as an administrator would. */
  String cli(String... arguments) throws IOException, InterruptedException {
    String[] command = new String[arguments.length + 3];
    command[0] = "exec";
    command[1] = id;
    command[2] = "dropserver";
    System.arraycopy(arguments, 0, command, 3, arguments.length);
    return DockerProgram.tryRun(command).output();
  }

  /** Kills and restarts the server, like a power failure. */
  void killAndStart() throws IOException, InterruptedException {
    DockerProgram.run("kill", id);
    DockerProgram.run("start", id);
  }

  /** Returns the status lines of processes that have ended and were not reaped. */
  String defunct() throws IOException, InterruptedException {
    return DockerProgram.run(
        "exec", id, "sh", "-c", "grep -ls '^State:.Z' /proc/[0-9]*/status; true");
  }

  String logs() throws IOException, InterruptedException {
    return DockerProgram.run("logs", id);
  }

  /** Stops the container gracefully, because a killed server leaves empty cgroups on the host. */
  @Override
  public void close() throws IOException {
    try {
      DockerProgram.tryRun("stop", "-t", "30", id);
      DockerProgram.run("rm", "--force", "--volumes", id);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
