package io.dropserver.tests.containers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dropserver.tests.containers.DockerProgram.DockerResult;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A container of the image without a network, which follows a repository of this machine that is
 * mounted read-only.
 */
final class LocalContainer implements AutoCloseable {
  private static final Duration TIMEOUT = Duration.ofMinutes(4);

  private final String id;

  private LocalContainer(String id) {
    this.id = id;
  }

  /**
   * Starts a container.
   *
   * @param options of {@code docker run}
   */
  static LocalContainer start(String image, Path repository, String... options)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("run", "--detach", "--network", "none"));
    command.addAll(List.of("--volume", repository + ":/srv/home.git:ro"));
    command.addAll(List.of(options));
    command.addAll(List.of(image, "run", "--repo", "/srv/home.git"));
    return new LocalContainer(DockerProgram.run(command.toArray(String[]::new)));
  }

  DockerResult cli(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("exec", id, "dropserver"));
    command.addAll(List.of(arguments));
    return DockerProgram.tryRun(command.toArray(String[]::new));
  }

  String logs() throws IOException, InterruptedException {
    return DockerProgram.run("logs", id);
  }

  void awaitLog(String text) {
    await(text)
        .atMost(TIMEOUT)
        .pollInterval(Duration.ofSeconds(1))
        .untilAsserted(() -> assertThat(logs()).contains(text));
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
