package io.dropserver.tests.containers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dropserver.tests.Checkout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.Network;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Runs the container image with a config repository on an ssh server that becomes unreachable at
 * times.
 */
@Tag("containers")
final class ContainerImageTest {
  private static final String IMAGE = "dropserver-test";
  private static final Duration CONVERGED = Duration.ofMinutes(4);

  private static final List<String> FILTER = List.of("--security-opt", "seccomp=unconfined");
  private static final List<String> PROC = List.of("--security-opt", "systempaths=unconfined");
  private static final List<String> APP_ARMOR = List.of("--security-opt", "apparmor=unconfined");
  private static final List<String> CGROUPS =
      List.of("--cgroupns=host", "--volume", "/sys/fs/cgroup:/sys/fs/cgroup:rw");
  private static final Set<String> LAYERS =
      Set.of("namespaces", "seccomp", "uid", "cgroup", "storage");
  private static final String LIST = "shopping.dropserver.localhost";

  @TempDir private static Path folder;

  private static String base = "";

  /** All tests share one image, because building it takes a minute. */
  @BeforeAll
  static void buildImage() throws IOException, InterruptedException {
    Assumptions.assumeTrue(
        DockerClientFactory.instance().isDockerAvailable(), "no Docker daemon on this machine");
    base = script(Checkout.root().resolve("tests/src/test/machines/container-base-image"));
    script(Checkout.root().resolve("bin/dist"), "--built", "--image", IMAGE, "--base", base);
  }

  @Test
  void anImageServesOnWhileItsConfigRepositoryIsPausedCutOffAndBroughtBack() throws Exception {
    // An app was installed and served while the start-up cache was recorded.
    assertThat(Checkout.root().resolve("target/dist/train.log"))
        .content()
        .containsPattern("\"hello[.]dropserver[.]localhost\".*\"status\":200")
        .doesNotContain("so the cache lacks the code that serves it");
    Path etc = Files.createDirectory(folder.resolve("etc"));
    Path keys = Files.createDirectory(folder.resolve("keys"));
    try (Network network = Network.newNetwork();
        GitServerContainer git =
            GitServerContainer.start(
                base, network, keys, Checkout.root().resolve("example-instance-repo"));
        DropserverContainer dropserver = DropserverContainer.start(IMAGE, network, git, etc)) {
      awaitStatus(dropserver, LIST, 200);
      assertThat(appspaces(dropserver)).containsExactly("cookbook", "diary", "shopping");

      // The server's kernel accepts connections but no process responds.
      git.pause();
      awaitUnreachable(dropserver);
      assertServedAndNothingPruned(dropserver);
      git.unpause();
      awaitReachable(dropserver);

      // The server's name no longer resolves either. A Dropserver that starts now serves the last
      // known state.
      git.disconnect(network);
      awaitUnreachable(dropserver);
      assertServedAndNothingPruned(dropserver);
      dropserver.killAndStart();
      awaitStatus(dropserver, LIST, 200);
      assertServedAndNothingPruned(dropserver);

      git.reconnect(network);
      git.push(
          "sed 's/^metadata: .*/metadata: {name: second}/' appspaces/shopping.yaml"
              + " > appspaces/second.yaml",
          "Add a second list");
      awaitReachable(dropserver);
      awaitStatus(dropserver, "second.dropserver.localhost", 200);
      assertThat(appspaces(dropserver)).containsExactly("cookbook", "diary", "second", "shopping");
      assertThat(dropserver.status(LIST)).isEqualTo(200);
      await("ended processes of sandboxes are reaped")
          .atMost(CONVERGED)
          .untilAsserted(() -> assertThat(dropserver.defunct()).isEmpty());
      assertThat(dropserver.cli("health")).startsWith("ok");
    }
  }

  /** The rows of the table in {@code docs/operate/containers.md}. */
  @Test
  void eachPrivilegeBuysWhatItsRowSays() throws Exception {
    List<String> least = new ArrayList<>(FILTER);
    least.addAll(PROC);
    least.addAll(APP_ARMOR);
    assertThat(layers(List.of())).as("no privilege").doesNotContain("namespaces");
    assertThat(layers(FILTER)).as("a masked /proc").doesNotContain("namespaces");
    assertThat(layers(PROC)).as("Docker's system call filter").doesNotContain("namespaces");
    assertThat(layers(least)).containsExactly("namespaces", "seccomp", "uid");
    assertThat(layers(least, CGROUPS)).containsExactly("cgroup", "namespaces", "seccomp", "uid");
    assertThat(layers(least, CGROUPS, List.of("--cap-drop", "ALL")))
        .as("uid 0 that cannot change its uid")
        .doesNotContain("namespaces", "uid");
    assertThat(layers(List.of("--privileged")))
        .containsExactly("cgroup", "namespaces", "seccomp", "storage", "uid");
  }

  /** Returns the layers that {@code doctor} finds in a container. */
  @SafeVarargs
  private static Set<String> layers(List<String>... options)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("run", "--rm", "--network", "none"));
    for (List<String> option : options) {
      command.addAll(option);
    }
    command.addAll(List.of(IMAGE, "doctor", "-o", "json"));
    String output = DockerProgram.tryRun(command.toArray(new String[0])).output();
    return JsonMapper.shared()
        .readTree(output.substring(Math.max(0, output.indexOf('{'))))
        .path("checks")
        .valueStream()
        .filter(check -> check.path("present").asBoolean())
        .map(check -> check.path("name").asString())
        .filter(name -> name.startsWith("layer "))
        .map(name -> name.substring("layer ".length()))
        .filter(LAYERS::contains)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** A container without any privilege lives, is not ready, and says which settings it lacks. */
  @Test
  void aContainerWithoutPrivilegesSaysWhatItLacks() throws Exception {
    Path repository = ContainerRepository.create(folder.resolve("repository"));
    try (LocalContainer plain = LocalContainer.start(IMAGE, repository)) {
      plain.awaitLog("no sandbox can start, so no appspace is served");
      assertThat(plain.logs()).contains("seccomp=unconfined", "systempaths=unconfined");
      assertThat(plain.cli("status").output()).contains("SandboxesUnavailable");
      assertThat(plain.cli("health").exitCode()).isEqualTo(1);
      assertThat(plain.cli("health", "--live").exitCode()).isZero();
    }
  }

  private static void awaitUnreachable(DropserverContainer dropserver)
      throws IOException, InterruptedException {
    var _ = dropserver.cli("sync", "--wait", "--timeout", "5");
    await("the remote is reported as unreachable")
        .atMost(CONVERGED)
        .pollInterval(Duration.ofSeconds(1))
        .untilAsserted(
            () -> assertThat(dropserver.cli("status", "-o", "json")).contains("SourceUnreachable"));
  }

  private static void awaitReachable(DropserverContainer dropserver) {
    await("the remote is followed again")
        .atMost(CONVERGED)
        .pollInterval(Duration.ofSeconds(1))
        .untilAsserted(
            () -> {
              var _ = dropserver.cli("sync", "--wait", "--timeout", "10");
              assertThat(dropserver.cli("status", "-o", "json"))
                  .doesNotContain("SourceUnreachable");
            });
  }

  private static void assertServedAndNothingPruned(DropserverContainer dropserver)
      throws IOException, InterruptedException {
    assertThat(dropserver.status(LIST)).isEqualTo(200);
    assertThat(appspaces(dropserver)).containsExactly("cookbook", "diary", "shopping");
    assertThat(dropserver.cli("data", "list", "-o", "json")).containsPattern("\"data\" *: *\\[ *]");
  }

  private static List<String> appspaces(DropserverContainer dropserver)
      throws IOException, InterruptedException {
    JsonNode response =
        JsonMapper.shared().readTree(dropserver.cli("get", "appspaces", "-o", "json"));
    return response
        .get("objects")
        .valueStream()
        .map(o -> o.get("name").asString())
        .sorted()
        .toList();
  }

  private static void awaitStatus(DropserverContainer dropserver, String host, int status) {
    await(host + " answers " + status)
        .atMost(CONVERGED)
        .pollInterval(Duration.ofSeconds(1))
        .ignoreExceptionsInstanceOf(IOException.class)
        .until(() -> dropserver.status(host) == status);
  }

  /** Runs a script of the checkout and returns the last line of its output. */
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
