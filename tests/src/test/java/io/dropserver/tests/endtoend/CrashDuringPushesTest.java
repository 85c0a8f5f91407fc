package io.dropserver.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dropserver.control.InstanceStatus;
import io.dropserver.web.control.ControlClient;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills the server at a random time after each push, fifty times in the long form. The next start
 * must converge from whatever state is on disk, and no sandbox may outlive its server.
 */
final class CrashDuringPushesTest {
  private static final int PUSHES_AT_EVERY_BUILD = 6;
  private static final int PUSHES = 50;
  private static final int MOST_APPSPACES = 6;
  private static final int LONGEST_LIFE_MILLISECONDS = 600;
  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  @TempDir Path folder;

  private final long seed = System.nanoTime();
  private final Random random = new Random(seed);
  private final SortedMap<String, DeclaredAppspace> declared = new TreeMap<>();
  private int named;

  /** The declaration of one appspace in the repository. */
  private record DeclaredAppspace(String version, boolean paused, int memoryMebibytes) {}

  @Test
  void theNextStartConvergesAfterAKillDuringAPush() throws Exception {
    crashDuring(PUSHES_AT_EVERY_BUILD);
  }

  @Test
  @Tag("long")
  void theNextStartConvergesAfterKillsDuringFiftyPushes() throws Exception {
    crashDuring(PUSHES);
  }

  private void crashDuring(int pushes) throws Exception {
    // Sandboxes run as other users, which must be able to traverse this folder.
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    ConfigRepository repository = MinimalInstance.create(folder);
    Path state = folder.resolve("state");
    Path log = folder.resolve("server.log");
    ServerProcess server = start(repository, state, log);
    try {
      for (int push = 0; push < pushes; push++) {
        String change = change(repository);
        String head = repository.push(change);
        killSoon(server, state);
        assertNoSandboxIsLeft(state);
        server = start(repository, state, log);
        assertConverged(server, state, head, push % 10 == 9 || push == pushes - 1, change);
      }
      CommandLineProgram plan =
          CommandLineProgram.run(
              "plan", "--repo", repository.remote().toString(), "--state", state.toString());
      assertThat(plan.exitCode()).describedAs(plan.out() + plan.err()).isZero();
    } finally {
      server.close();
    }
    assertNoSandboxIsLeft(state);
  }

  private static ServerProcess start(ConfigRepository repository, Path state, Path log)
      throws IOException {
    return ServerProcess.start(
        log,
        List.of(
            "--repo", repository.remote().toString(),
            "--state", state.toString(),
            "--listen", "127.0.0.1:0"));
  }

  /** Kills the server while it processes the push. */
  private void killSoon(ServerProcess server, Path state) throws InterruptedException {
    CompletableFuture<Void> syncing =
        CompletableFuture.runAsync(
            () -> {
              try {
                new ControlClient(state).sync(Optional.empty(), Optional.of(TIMEOUT));
              } catch (RuntimeException expected) {
                // Expected: the server was killed while it responded.
                return;
              }
            });
    Thread.sleep(Duration.ofMillis(random.nextInt(LONGEST_LIFE_MILLISECONDS)));
    server.kill();
    syncing.join();
  }

  private String change(ConfigRepository repository) throws IOException {
    List<String> names = new ArrayList<>(declared.keySet());
    if (names.isEmpty() || (names.size() < MOST_APPSPACES && random.nextInt(3) == 0)) {
      String name = "space-" + named++;
      return declare(repository, name, new DeclaredAppspace("1.0.0", false, 128), "Add ");
    }
    String name = names.get(random.nextInt(names.size()));
    DeclaredAppspace old = Objects.requireNonNull(declared.get(name));
    return switch (random.nextInt(4)) {
      case 0 ->
          declare(
              repository,
              name,
              new DeclaredAppspace(old.version(), old.paused(), 128 + random.nextInt(128)),
              "Limit ");
      case 1 ->
          declare(
              repository,
              name,
              new DeclaredAppspace(old.version(), !old.paused(), old.memoryMebibytes()),
              "Pause or unpause ");
      case 2 ->
          declare(
              repository,
              name,
              new DeclaredAppspace(
                  old.version().equals("1.0.0") ? "2.0.0" : "1.0.0",
                  old.paused(),
                  old.memoryMebibytes()),
              "Change the version of ");
      default -> {
        declared.remove(name);
        repository.remove("appspaces/" + name + ".yaml");
        yield "Remove " + name;
      }
    };
  }

  private String declare(
      ConfigRepository repository, String name, DeclaredAppspace wanted, String what)
      throws IOException {
    // Avoid an unchanged declaration, because git would have nothing to commit.
    DeclaredAppspace distinct =
        wanted.equals(declared.get(name))
            ? new DeclaredAppspace(wanted.version(), wanted.paused(), wanted.memoryMebibytes() + 1)
            : wanted;
    declared.put(name, distinct);
    repository.write(
        "appspaces/" + name + ".yaml",
        MinimalInstance.appspace(
                name, distinct.version(), distinct.paused(), distinct.memoryMebibytes())
            // On cgroup v1, a frozen process outlives its server until the next start.
            .replace("storage: 16Mi", "storage: 16Mi, idleTimeout: 1h"));
    return what + name;
  }

  private void assertConverged(
      ServerProcess server, Path state, String head, boolean thoroughly, String change)
      throws IOException, InterruptedException {
    ControlClient client = new ControlClient(state);
    client.sync(Optional.empty(), Optional.of(TIMEOUT));
    await("seed " + seed + ", " + change)
        .atMost(TIMEOUT)
        .untilAsserted(
            () -> {
              InstanceStatus status = client.status();
              assertThat(status.revision().served()).contains(head);
              // Data of a removed appspace is retained, so a new one asks.
              status.objects().stream()
                  .filter(object -> object.reason().equals("DataRetained"))
                  .forEach(object -> client.startEmpty(object.name()));
              assertThat(status.objects())
                  .allMatch(object -> object.ready() || paused(object.name()));
            });
    if (thoroughly) {
      for (var entry : declared.entrySet()) {
        FrontDoorClient.FrontDoorResponse frontDoorResponse =
            FrontDoorClient.get(
                URI.create(server.shellUrl()), entry.getKey() + "." + MinimalInstance.DOMAIN, "/");
        assertThat(frontDoorResponse.status())
            .describedAs("seed " + seed + ", " + entry)
            .isEqualTo(entry.getValue().paused() ? 404 : 200);
        if (!entry.getValue().paused()) {
          assertThat(frontDoorResponse.body()).isEqualTo("version " + entry.getValue().version());
        }
      }
    }
  }

  private boolean paused(String name) {
    DeclaredAppspace wanted = declared.get(name);
    return wanted != null && wanted.paused();
  }

  private static void assertNoSandboxIsLeft(Path state) {
    await("sandboxes end with their server")
        .atMost(Duration.ofSeconds(10))
        .until(() -> SandboxProcesses.all(state).isEmpty());
  }
}
