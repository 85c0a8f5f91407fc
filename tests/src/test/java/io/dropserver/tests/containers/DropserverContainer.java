package io.dropserver.tests.containers;

import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.model.AccessMode;
import com.github.dockerjava.api.model.Bind;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.Volume;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.images.builder.ImageFromDockerfile;
import org.testcontainers.images.builder.Transferable;

/** Our image, with the flags that {@code docs/containers.md} tells people to use. */
final class DropserverContainer implements AutoCloseable {
  private static final int PORT = 8080;

  private final GenericContainer<?> container;

  private DropserverContainer(GenericContainer<?> container) {
    this.container = container;
  }

  static DropserverContainer start(
      Path context, String base, Network network, GitServerContainer git) throws IOException {
    GenericContainer<?> container =
        new GenericContainer<>(
                new ImageFromDockerfile("dropserver-test", false)
                    .withFileFromPath(".", context)
                    .withBuildArg("BASE", base))
            .withNetwork(network)
            .withExposedPorts(PORT)
            .withCopyToContainer(
                Transferable.of(configuration(), 0100600), "/etc/dropserver/dropserver.yaml")
            .withCopyToContainer(Transferable.of(git.clientKey(), 0100600), "/etc/dropserver/key")
            .withCopyToContainer(
                Transferable.of(git.knownHosts(), 0100644), "/etc/dropserver/known_hosts")
            .withCreateContainerCmdModifier(DropserverContainer::openUp)
            .withCommand(
                "run",
                "--config",
                "/etc/dropserver/dropserver.yaml",
                "--state",
                "/var/lib/dropserver")
            .waitingFor(
                Wait.forLogMessage(".*serving http.*", 1)
                    .withStartupTimeout(Duration.ofMinutes(2)));
    container.start();
    return new DropserverContainer(container);
  }

  /** The flags of docs/containers.md. */
  private static void openUp(CreateContainerCmd command) {
    HostConfig host = Objects.requireNonNull(command.getHostConfig());
    host.withSecurityOpts(List.of("seccomp=unconfined", "apparmor=unconfined"))
        .withCgroupnsMode("host")
        .withBinds(new Bind("/sys/fs/cgroup", new Volume("/sys/fs/cgroup"), AccessMode.rw));
    // What docker makes of systempaths=unconfined before it asks the daemon.
    host.getRawValues().put("MaskedPaths", List.of());
    host.getRawValues().put("ReadonlyPaths", List.of());
  }

  private static String configuration() {
    return """
    repo:
      url: "ssh://root@%s/srv/home.git"
      branch: main
      sshKeyFile: /etc/dropserver/key
      knownHostsFile: /etc/dropserver/known_hosts
    sandbox: {allowWeaker: [storage]}
    listen:
      - {address: "0.0.0.0:8080", publicUrl: "https://dropserver.localhost", trustedProxies: [172.16.0.0/12]}
    sandbox: {allowWeaker: [storage]}
    """
        .formatted(GitServerContainer.ALIAS);
  }

  /** The status of a request to an appspace, made as a proxy in front would. */
  int status(String host) throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(
          new InetSocketAddress(container.getHost(), container.getMappedPort(PORT)), 5_000);
      socket.setSoTimeout(60_000);
      socket
          .getOutputStream()
          .write(
              ("GET / HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n")
                  .getBytes(StandardCharsets.ISO_8859_1));
      byte[] head = socket.getInputStream().readNBytes(12);
      return Integer.parseInt(new String(head, 9, 3, StandardCharsets.ISO_8859_1));
    }
  }

  /** Runs the CLI inside, as an operator would. */
  String cli(String... arguments) throws IOException, InterruptedException {
    String[] command = new String[arguments.length + 1];
    command[0] = "dropserver";
    System.arraycopy(arguments, 0, command, 1, arguments.length);
    var result = container.execInContainer(StandardCharsets.UTF_8, command);
    return result.getStdout() + result.getStderr();
  }

  String logs() {
    return container.getLogs();
  }

  @Override
  public void close() {
    container.stop();
  }
}
