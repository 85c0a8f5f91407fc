package io.dropserver.tests.containers;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.model.ContainerNetwork;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.Container.ExecResult;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.images.builder.Transferable;
import org.testcontainers.utility.DockerImageName;
import org.testcontainers.utility.MountableFile;

/**
 * A Git server: OpenSSH with access by one key and without git-shell, and a working copy for
 * pushes.
 */
final class GitServerContainer implements AutoCloseable {
  static final String ALIAS = "forge";
  private static final String WORK = "/srv/work";

  private final GenericContainer<?> container;
  private final Path keys;

  private GitServerContainer(GenericContainer<?> container, Path keys) {
    this.container = container;
    this.keys = keys;
  }

  /** Starts the server with the folder as the first commit of {@code /srv/home.git}. */
  static GitServerContainer start(String image, Network network, Path keys, Path content)
      throws IOException, InterruptedException {
    keygen(keys.resolve("client"));
    keygen(keys.resolve("host"));
    GenericContainer<?> container =
        new GenericContainer<>(DockerImageName.parse(image))
            .withNetwork(network)
            .withNetworkAliases(ALIAS)
            .withCopyToContainer(
                Transferable.of(Files.readAllBytes(keys.resolve("host")), 0100600), "/etc/ssh/host")
            .withCopyToContainer(
                Transferable.of(Files.readAllBytes(keys.resolve("client.pub")), 0100600),
                "/root/.ssh/authorized_keys")
            .withCopyFileToContainer(MountableFile.forHostPath(content), WORK)
            .withCommand(
                "sh",
                "-c",
                "mkdir -p /run/sshd && exec /usr/sbin/sshd -D -e -h /etc/ssh/host"
                    + " -o PasswordAuthentication=no -o PermitRootLogin=prohibit-password")
            .waitingFor(Wait.forLogMessage(".*Server listening.*", 1));
    container.start();
    GitServerContainer server = new GitServerContainer(container, keys);
    server.shell(
        "git config --global user.name Alice && git config --global user.email alice@localhost"
            + " && git config --global --add safe.directory '*'"
            + " && git init -q --bare -b main /srv/home.git && cd "
            + WORK
            + " && git init -q -b main && git add -A && git commit -qm 'The example'"
            + " && git remote add origin /srv/home.git && git push -q -u origin main");
    return server;
  }

  /** Edits the working copy and pushes, like a person on another machine. */
  void push(String edit, String message) throws IOException, InterruptedException {
    shell(
        "cd "
            + WORK
            + " && "
            + edit
            + " && git add -A && git commit -qm '"
            + message
            + "' && git push -q");
  }

  /**
   * Stops the process that accepts connections. Pausing the container would stop all processes, but
   * runc gives up on a busy machine with cgroup v1.
   */
  void pause() {
    signal("STOP");
  }

  void unpause() {
    signal("CONT");
  }

  private void signal(String name) {
    docker().killContainerCmd(container.getContainerId()).withSignal(name).exec();
  }

  void disconnect(Network network) {
    docker()
        .disconnectFromNetworkCmd()
        .withContainerId(container.getContainerId())
        .withNetworkId(network.getId())
        .exec();
  }

  void reconnect(Network network) {
    docker()
        .connectToNetworkCmd()
        .withContainerId(container.getContainerId())
        .withNetworkId(network.getId())
        .withContainerNetwork(new ContainerNetwork().withAliases(ALIAS))
        .exec();
  }

  private static DockerClient docker() {
    return DockerClientFactory.instance().client();
  }

  byte[] clientKey() throws IOException {
    return Files.readAllBytes(keys.resolve("client"));
  }

  String knownHosts() throws IOException {
    String[] key = Files.readString(keys.resolve("host.pub")).split(" ", -1);
    return ALIAS + " " + key[0] + " " + key[1].strip() + "\n";
  }

  private void shell(String script) throws IOException, InterruptedException {
    ExecResult result = container.execInContainer(StandardCharsets.UTF_8, "sh", "-c", script);
    if (result.getExitCode() != 0) {
      throw new IOException(script + " failed: " + result.getStderr() + result.getStdout());
    }
  }

  private static void keygen(Path file) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", file.toString())
            .inheritIO()
            .start();
    if (!process.waitFor(30, TimeUnit.SECONDS) || process.exitValue() != 0) {
      throw new IOException("ssh-keygen could not write " + file);
    }
  }

  @Override
  public void close() {
    container.stop();
  }
}
