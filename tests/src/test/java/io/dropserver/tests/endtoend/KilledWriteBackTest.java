package io.dropserver.tests.endtoend;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dropserver.control.ApprovalStatus;
import io.dropserver.schema.host.HostConfig.Forge;
import io.dropserver.tests.forge.FakeForge;
import io.dropserver.tests.forge.FakeForge.FakePullRequest;
import io.dropserver.tests.forge.ForgeFault;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Many apps request destinations at once, the server is killed while it writes pull requests, and
 * the forge fails one call in three. {@code DROPSERVER_SEED} reproduces a run.
 */
class KilledWriteBackTest {
  private static final int LONGEST_LIFE_MILLISECONDS = 6_000;

  private static final List<ForgeFault> FAULTS =
      List.of(
          ForgeFault.BROKEN,
          ForgeFault.UNAVAILABLE,
          ForgeFault.CUT,
          ForgeFault.ANSWER_LOST,
          ForgeFault.NOT_JSON,
          ForgeFault.FINDS_NOTHING,
          ForgeFault.TOO_MANY_BRIEFLY);

  /** {@code /?n=N} requests N destinations at once and returns one line per result. */
  private static final String APP =
      """
      export default {
        async fetch(request: Request) {
          const n = Number(new URL(request.url).searchParams.get("n"));
          const ask = (i: number) =>
            fetch(`https://h${i}.example/`).then(() => "reached", (error) => String(error));
          const said = await Promise.all(Array.from({ length: n }, (_, i) => ask(i)));
          return new Response(said.join("\\n"));
        },
      };
      """;

  @TempDir Path folder;

  private final long seed =
      Optional.ofNullable(System.getenv("DROPSERVER_SEED"))
          .map(Long::parseLong)
          .orElseGet(System::nanoTime);
  private final Random random = new Random(seed);

  @Test
  void twentyRequestsOfFiveAppspacesEndInOnePullRequestEach() throws Exception {
    endInOneEach(Forge.GITHUB, 5, 4, 2, Duration.ofMinutes(4));
  }

  @Tag("long")
  @ParameterizedTest
  @EnumSource(
      value = Forge.class,
      names = {"GITHUB", "GITLAB", "FORGEJO"})
  void aThousandRequestsOfAHundredAppspacesEndInOnePullRequestEach(Forge kind) throws Exception {
    endInOneEach(kind, 100, 10, 12, Duration.ofMinutes(30));
  }

  private void endInOneEach(Forge kind, int appspaces, int each, int kills, Duration timeout)
      throws Exception {
    long start = System.nanoTime();
    AtomicInteger failed = new AtomicInteger();
    try (ApprovalFixture fixture = ApprovalFixture.create(folder, kind, APP, "{}");
        ExecutorService people = Executors.newVirtualThreadPerTaskExecutor()) {
      fixture.forge.failWith(oneInThree(failed));
      LiveInstance instance = fixture.instance;
      instance
          .repository()
          .replace(
              "instance.yaml",
              "reconcile: {interval: 1h}",
              "reconcile: {interval: 1h}\n  approvals: {maxOpenPerAppspace: " + each + "}");
      List<String> names = IntStream.range(0, appspaces).mapToObj(i -> "asker-" + i).toList();
      fixture.start(names.toArray(String[]::new));
      for (int kill = 0; kill < kills; kill++) {
        List<Future<Boolean>> asking = askAll(people, instance, names, each);
        Thread.sleep(random.nextInt(LONGEST_LIFE_MILLISECONDS));
        instance.server().kill();
        for (Future<Boolean> one : asking) {
          one.get();
        }
        instance.start();
      }
      List<String> unanswered = new ArrayList<>(names);
      await("seed " + seed)
          .atMost(timeout)
          .until(
              () -> {
                // Waits for all answers: requests that are left behind would add up to an overload.
                List<Future<Boolean>> asking = askAll(people, instance, unanswered, each);
                for (int i = asking.size() - 1; i >= 0; i--) {
                  if (asking.get(i).get()) {
                    unanswered.remove(i);
                  }
                }
                return unanswered.isEmpty();
              });
      await("seed " + seed)
          .atMost(timeout)
          .pollInterval(Duration.ofSeconds(1))
          .until(() -> isQuiet(instance, appspaces * each));
      assertOneEach(fixture, appspaces * each);
      System.out.printf(
          Locale.ROOT,
          "%s: %d requests of %d appspaces, %d kills, %d of %d calls failed, %d pull requests,"
              + " %d s%n",
          kind,
          appspaces * each,
          appspaces,
          kills,
          failed.get(),
          fixture.forge.calls().size(),
          fixture.forge.pulls().size(),
          Duration.ofNanos(System.nanoTime() - start).toSeconds());
    }
  }

  private Supplier<Optional<ForgeFault>> oneInThree(AtomicInteger failed) {
    Random choice = new Random(seed);
    return () -> {
      synchronized (choice) {
        if (choice.nextInt(3) > 0) {
          return Optional.empty();
        }
        failed.incrementAndGet();
        return Optional.of(FAULTS.get(choice.nextInt(FAULTS.size())));
      }
    };
  }

  /** Each future is true if the app got the response that all of its requests are pending. */
  private static List<Future<Boolean>> askAll(
      ExecutorService people, LiveInstance instance, List<String> names, int each) {
    List<Future<Boolean>> asking = new ArrayList<>();
    for (String name : names) {
      asking.add(people.submit(() -> ask(instance, name, each)));
    }
    return asking;
  }

  private static boolean ask(LiveInstance instance, String name, int each) {
    try {
      String said = instance.get(name, "/?n=" + each).body();
      return said.lines().filter(line -> line.contains("is waiting for approval")).count() == each;
    } catch (IOException killed) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static boolean isQuiet(LiveInstance instance, int all) {
    List<ApprovalStatus> requests = instance.control().approvals();
    return requests.size() == all
        && requests.stream().allMatch(r -> r.pullRequest().isPresent() && r.problem().isEmpty());
  }

  private static void assertOneEach(ApprovalFixture fixture, int all) {
    FakeForge forge = fixture.forge;
    Map<String, String> branches = fixture.instance.repository().branches();
    Map<String, Long> numbers =
        forge.pulls().stream().collect(groupingBy(FakePullRequest::branch, counting()));
    assertThat(numbers).hasSize(all);
    assertThat(numbers.values()).as("pull requests of one branch").containsOnly(1L);
    assertThat(numbers.keySet()).isEqualTo(branches.keySet());
    assertThat(forge.pulls()).allMatch(fakePullRequest -> fakePullRequest.state().equals("open"));
  }
}
