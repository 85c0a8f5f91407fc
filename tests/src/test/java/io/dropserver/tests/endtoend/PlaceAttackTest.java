package io.dropserver.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dropserver.state.condition.Condition;
import io.dropserver.state.condition.Severity;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One client without log-in keeps neither members, upgrades nor other visitors from starting. */
@Tag("slow")
class PlaceAttackTest {
  private static final Duration MINUTE = Duration.ofSeconds(60);

  /** An upload is sent in as many pieces, with a pause before each. It takes 12 s. */
  private static final int PIECES = 24;

  private static final Duration BETWEEN_PIECES = Duration.ofMillis(500);

  /** Sends back what it receives, as it arrives. */
  private static final String ECHO =
      """
      export default { fetch: (request: Request) => new Response(request.body ?? "version") };
      """;

  @TempDir Path folder;

  @Test
  void slowUploadsToEveryPlaceKeepNoOtherAppspaceFromStarting() throws Exception {
    slowUploads(Duration.ZERO);
  }

  @Test
  @Tag("long")
  void slowUploadsOfAMinuteKeepNoOtherAppspaceFromStarting() throws Exception {
    slowUploads(MINUTE);
  }

  @Test
  void requestsToMoreAppspacesThanFitKeepNoOtherFromStarting() throws Exception {
    requestsWithoutPause(Duration.ofSeconds(5));
  }

  @Test
  @Tag("long")
  void requestsOfAMinuteToMoreAppspacesThanFitKeepNoOtherFromStarting() throws Exception {
    requestsWithoutPause(MINUTE);
  }

  /**
   * @param time each kind of start is repeated for that long, and happens at least once
   */
  private void slowUploads(Duration time) throws Exception {
    List<String> attacked = List.of("one", "two", "three");
    try (LiveInstance instance = instance("maxLive: 3")) {
      declare(instance, "one", "two", "three", "fourth", "fixed", "private");
      assertThat(instance.get("fixed", "/").statusCode()).as("has data now").isEqualTo(200);
      CountDownLatch running = new CountDownLatch(attacked.size());
      try (MemberClient member = MemberClient.enter(instance, "alice", "private");
          PlaceAttackers attackers = new PlaceAttackers(shell(instance));
          ExecutorService others = Executors.newVirtualThreadPerTaskExecutor()) {
        attacked.forEach(
            name -> attackers.upload(name, PIECES, BETWEEN_PIECES, running::countDown));
        assertThat(running.await(LiveInstance.TIMEOUT.toSeconds(), TimeUnit.SECONDS)).isTrue();
        long before = attackers.requests();

        Future<Waits> starts =
            others.submit(() -> repeat(time, () -> member.get("/").statusCode()));
        Future<Waits> visits =
            others.submit(() -> repeat(time, () -> instance.get("fourth", "/").statusCode()));
        AtomicInteger version = new AtomicInteger(2);
        Waits upgrades = repeat(time, () -> upgrade(instance, version.incrementAndGet()));

        System.out.printf(
            "slow uploads to all 3 places: member %s; visitor %s; upgrade %s; %d attacks%n",
            starts.get(), visits.get(), upgrades, attackers.requests() - before);
        assertThat(starts.get().results()).as("of the member").containsOnlyKeys(200);
        assertThat(visits.get().results()).as("of the visitor").containsOnlyKeys(200);
        assertThat(upgrades.results()).as("problems of upgrades").containsOnlyKeys("");
        assertThat(instance.get("fixed", "/").body()).isEqualTo(version + ".0.0");
      }
    }
  }

  private void requestsWithoutPause(Duration time) throws Exception {
    List<String> attacked = List.of("one", "two", "three", "four", "five", "six");
    try (LiveInstance instance = instance("maxMemory: 384Mi")) {
      declare(instance, "one", "two", "three", "four", "five", "six", "seventh");
      try (PlaceAttackers attackers = new PlaceAttackers(shell(instance))) {
        for (int loop = 0; loop < 4; loop++) {
          attackers.get(attacked);
        }
        await().atMost(LiveInstance.TIMEOUT).until(() -> attackers.requests() > attacked.size());
        Waits visits = repeat(time, () -> instance.get("seventh", "/").statusCode());
        System.out.printf(
            "requests without pause to 6 appspaces in 3 places: visitor of a seventh %s; %d"
                + " attacks%n",
            visits, attackers.requests());
        assertThat(visits.results()).containsOnlyKeys(200);
      }
    }
  }

  private LiveInstance instance(String bound) throws Exception {
    Path config = Files.writeString(folder.resolve("dropserver.yaml"), "sandbox: {" + bound + "}");
    LiveInstance instance = LiveInstance.tiny(folder, "--config", config.toString());
    instance.repository().write("apps/one/main.ts", ECHO);
    return instance;
  }

  private static void declare(LiveInstance instance, String... appspaces) throws Exception {
    for (String name : appspaces) {
      String text = MinimalInstance.appspace(name, "1.0.0", false, 128);
      instance
          .repository()
          .write(
              "appspaces/" + name + ".yaml",
              name.equals("private") ? text.replace("access: public", "access: members") : text);
    }
    instance.repository().push("Appspaces");
    instance.startServing();
    await()
        .atMost(LiveInstance.TIMEOUT)
        .untilAsserted(() -> assertThat(instance.status().ready()).as(instance.log()).isTrue());
  }

  private static URI shell(LiveInstance instance) {
    return URI.create(instance.server().shellUrl());
  }

  /** Pushes a new version of the app, and waits until the appspace is upgraded. */
  private static String upgrade(LiveInstance instance, int version) throws Exception {
    ConfigRepository repository = instance.repository();
    String name = version + ".0.0";
    repository
        .replace(
            "instance.yaml",
            "  versions:\n",
            "  versions:\n    - {version: %s, source: {path: apps/v%d}}\n".formatted(name, version))
        .write(
            "apps/v" + version + "/dropapp.json",
            Files.readString(repository.workingCopy().resolve("apps/one/dropapp.json"))
                .replace("1.0.0", name))
        .write("apps/v" + version + "/main.ts", ECHO.replace("version", name))
        .write("appspaces/fixed.yaml", MinimalInstance.appspace("fixed", name, false, 128))
        .push("Version " + name);
    assertThat(instance.sync().served()).isTrue();
    return instance.object("Appspace", "fixed").conditions().stream()
        .filter(each -> each.severity() != Severity.OK && !each.type().equals("BackedUp"))
        .map(Condition::toString)
        .collect(Collectors.joining("\n"));
  }

  /** What calls returned, and how long the longest of them took. */
  private record Waits(Map<Object, Integer> results, Duration longest) {
    @Override
    public String toString() {
      return "%s, at most %d ms".formatted(results, longest.toMillis());
    }
  }

  private static Waits repeat(Duration time, Callable<Object> call) throws Exception {
    Map<Object, Integer> results = new HashMap<>();
    long longest = 0;
    long begin = System.nanoTime();
    do {
      long start = System.nanoTime();
      results.merge(call.call(), 1, Integer::sum);
      longest = Math.max(longest, System.nanoTime() - start);
      TimeUnit.MILLISECONDS.sleep(500); // so that the attackers get the place back
    } while (System.nanoTime() - begin < time.toNanos());
    return new Waits(results, Duration.ofNanos(longest));
  }
}
