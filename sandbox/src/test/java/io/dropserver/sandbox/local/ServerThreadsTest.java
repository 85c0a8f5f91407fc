package io.dropserver.sandbox.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.dropserver.sandbox.isolation.Scheduling;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ServerThreadsTest {
  private final CountDownLatch end = new CountDownLatch(1);
  private final ServerThreads threads = new ServerThreads();

  @AfterEach
  void end() {
    threads.join();
    end.countDown();
  }

  @Test
  void thoseThatAnswerKeepToTheProcessorThatTheOthersLeave() throws Exception {
    BitSet all = Scheduling.processors();
    assumeTrue(all.cardinality() == 2, "this machine has not two processors");
    int kept = all.nextSetBit(0);
    Path answers = started("front-door-test");
    Path waits = started("sandbox-logtest");
    Path other = started("something-else");
    List<String> before = List.of(where(answers), where(waits), where(other));
    Set<Integer> policy = policy(answers);

    assertThat(threads.part(kept)).isTrue();
    assertThat(where(answers)).isEqualTo(Integer.toString(kept));
    assertThat(policy(answers)).containsExactly(Scheduling.USUAL);
    assertThat(where(waits)).isNotEqualTo(before.get(1)).isNotEqualTo(where(answers));
    assertThat(where(other)).isEqualTo(before.get(2));

    threads.join();
    assertThat(List.of(where(answers), where(waits), where(other))).isEqualTo(before);
    assertThat(policy(answers)).isEqualTo(policy);
  }

  @Test
  void aProcessorThatIsNotTheServersChangesNothing() throws Exception {
    Path answers = started("front-door-test");
    String before = where(answers);
    assertThat(threads.part(1000)).isFalse();
    assertThat(where(answers)).isEqualTo(before);
  }

  /** A thread that has just begun has its maker's name. */
  @Test
  void whoGetsItsNameAfterTheFirstLookIsPlacedByIt() throws Exception {
    assumeTrue(Scheduling.processors().cardinality() == 2, "this machine has not two processors");
    int kept = Scheduling.processors().nextSetBit(0);
    try (ExecutorService one =
        Executors.newSingleThreadExecutor(Thread.ofPlatform().name("begun").factory())) {
      Path begun = one.submit(() -> find("begun").getFirst()).get();
      assertThat(threads.part(kept)).isTrue();
      assertThat(where(begun)).isNotEqualTo(Integer.toString(kept));
      one.submit(() -> Thread.currentThread().setName("front-door-late")).get();
      assertThat(threads.part(kept)).isTrue();
      assertThat(where(begun)).isEqualTo(Integer.toString(kept));
    }
  }

  @Test
  void whatOneThatAnswersBeginsMeanwhileIsPutBackToo() throws Exception {
    assumeTrue(Scheduling.processors().cardinality() == 2, "this machine has not two processors");
    try (ExecutorService one =
        Executors.newSingleThreadExecutor(Thread.ofPlatform().name("front-door-one").factory())) {
      String before = one.submit(() -> where(started("before-it"))).get();
      Set<Integer> policy = one.submit(() -> policy(started("before-it-too"))).get();
      assertThat(threads.part(Scheduling.processors().nextSetBit(0))).isTrue();
      Path begun = one.submit(() -> started("meanwhile")).get();
      assertThat(where(begun)).as("what its maker has").isNotEqualTo(before);
      threads.join();
      assertThat(where(begun)).isEqualTo(before);
      assertThat(policy(begun)).isEqualTo(policy);
    }
  }

  /** Its folder below proc(5). */
  private Path started(String name) {
    Thread.ofPlatform()
        .daemon()
        .name(name)
        .start(
            () -> {
              try {
                end.await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    return Awaitility.await().until(() -> find(name), folders -> folders.size() == 1).getFirst();
  }

  private static List<Path> find(String name) throws IOException {
    try (Stream<Path> all = Files.list(Path.of("/proc/self/task"))) {
      return all.filter(thread -> read(thread.resolve("comm")).strip().equals(name)).toList();
    }
  }

  private static String where(Path thread) {
    return read(thread.resolve("status"))
        .lines()
        .filter(line -> line.startsWith("Cpus_allowed_list:"))
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .findFirst()
        .orElseThrow();
  }

  private static Set<Integer> policy(Path thread) {
    return ThreadPolicies.of(List.of(Integer.valueOf(thread.getFileName().toString())));
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException ended) {
      return "";
    }
  }
}
