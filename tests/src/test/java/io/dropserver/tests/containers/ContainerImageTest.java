package io.dropserver.tests.containers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dropserver.tests.Checkout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.Network;

/**
 * The image serves an instance whose config repository lives on an ssh server that comes and goes.
 */
@Tag("containers")
final class ContainerImageTest {
  private static final Duration CONVERGED = Duration.ofSeconds(60);
  private static final String JOURNAL = "journal.dropserver.localhost";

  @TempDir private static Path folder;

  @BeforeAll
  static void needsDocker() {
    Assumptions.assumeTrue(
        DockerClientFactory.instance().isDockerAvailable(), "no Docker daemon on this machine");
  }

  @Test
  void anImageServesOnWhileItsConfigRepositoryIsPausedCutOffAndBroughtBack() throws Exception {
    String base = script(Checkout.root().resolve("tests/src/test/machines/container-base-image"));
    Path context = folder.resolve("context");
    script(Checkout.root().resolve("bin/dist"), "--context", context.toString());
    Path keys = Files.createDirectory(folder.resolve("keys"));
    try (Network network = Network.newNetwork();
        GitServerContainer git =
            GitServerContainer.start(
                base, network, keys, Checkout.root().resolve("example-instance-repo"));
        DropserverContainer dropserver = DropserverContainer.start(context, base, network, git)) {
      awaitStatus(dropserver, JOURNAL, 200);
      int declared = appspaces(dropserver);

      // Paused: the server accepts connections in its kernel and never answers.
      var docker = DockerClientFactory.instance().client();
      String id = git.container().getContainerId();
      docker.pauseContainerCmd(id).exec();
      assertThat(dropserver.cli("sync", "--wait", "--timeout", "20s"))
          .contains("SourceUnreachable");
      assertServedAndNothingPruned(dropserver, declared);
      docker.unpauseContainerCmd(id).exec();

      // Cut off: its name is gone as well.
      docker.disconnectFromNetworkCmd().withContainerId(id).withNetworkId(network.getId()).exec();
      assertThat(dropserver.cli("sync", "--wait", "--timeout", "20s"))
          .contains("SourceUnreachable");
      assertServedAndNothingPruned(dropserver, declared);

      docker
          .connectToNetworkCmd()
          .withContainerId(id)
          .withNetworkId(network.getId())
          .withContainerNetwork(
              new com.github.dockerjava.api.model.ContainerNetwork()
                  .withAliases(GitServerContainer.ALIAS))
          .exec();
      git.push(
          "sed 's/^metadata: .*/metadata: {name: second}/; s/^  host: .*/  host: second/'"
              + " appspaces/journal.yaml > appspaces/second.yaml",
          "Add a second journal");
      dropserver.cli("sync", "--wait");
      awaitStatus(dropserver, "second.dropserver.localhost", 200);
      assertServedAndNothingPruned(dropserver, declared + 1);
    }
  }

  private static void assertServedAndNothingPruned(DropserverContainer dropserver, int declared)
      throws IOException, InterruptedException {
    assertThat(dropserver.status(JOURNAL)).isEqualTo(200);
    assertThat(appspaces(dropserver)).isEqualTo(declared);
  }

  private static int appspaces(DropserverContainer dropserver)
      throws IOException, InterruptedException {
    String json = dropserver.cli("get", "Appspace", "-o", "json");
    return json.split("\"kind\"", -1).length - 1;
  }

  private static void awaitStatus(DropserverContainer dropserver, String host, int status) {
    await(host + " answers " + status)
        .atMost(CONVERGED)
        .ignoreException(IOException.class)
        .until(() -> dropserver.status(host) == status);
  }

  /** Runs a script of the checkout and returns the last line that it prints. */
  private static String script(Path script, String... arguments)
      throws IOException, InterruptedException {
    String[] command = new String[arguments.length + 1];
    command[0] = script.toString();
    System.arraycopy(arguments, 0, command, 1, arguments.length);
    Path output = folder.resolve(script.getFileName() + ".out");
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(output.toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    assertThat(process.waitFor(10, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue())
        .describedAs(script + " " + String.join(" ", arguments))
        .isZero();
    return Files.readAllLines(output).getLast();
  }
}
