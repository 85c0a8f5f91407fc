package io.dropserver.sandbox.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.dropserver.sandbox.isolation.Scheduling;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
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
    Path launches = started("sandbox-launche");
    List<String> before = List.of(where(answers), where(waits), where(launches));
    String policy = policy(answers);

    assertThat(threads.part(kept)).isTrue();
    assertThat(where(answers)).isEqualTo(Integer.toString(kept));
    assertThat(policy(answers)).as("SCHED_OTHER").isEqualTo("0");
    assertThat(where(waits)).isNotEqualTo(before.get(1)).isNotEqualTo(where(answers));
    assertThat(where(launches)).as("sandboxes have what it has").isEqualTo(before.get(2));

    threads.join();
    assertThat(List.of(where(answers), where(waits), where(launches))).isEqualTo(before);
    assertThat(policy(answers)).isEqualTo(policy);
  }

  @Test
  void aProcessorThatIsNotTheServersChangesNothing() throws Exception {
    Path answers = started("front-door-test");
    String before = where(answers);
    assertThat(threads.part(1000)).isFalse();
    assertThat(where(answers)).isEqualTo(before);
  }

  @Test
  void whatOneThatAnswersBeginsMeanwhileIsPutBackToo() throws Exception {
    assumeTrue(Scheduling.processors().cardinality() == 2, "this machine has not two processors");
    try (ExecutorService one =
        Executors.newSingleThreadExecutor(Thread.ofPlatform().name("front-door-one").factory())) {
      String before = one.submit(() -> where(started("before-it"))).get();
      String policy = one.submit(() -> policy(started("before-it-too"))).get();
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

  /** Field 41 of proc_pid_stat(5); the third follows the name. */
  private static String policy(Path thread) {
    String stat = read(thread.resolve("stat"));
    return stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[41 - 3];
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException ended) {
      return "";
    }
  }
}
