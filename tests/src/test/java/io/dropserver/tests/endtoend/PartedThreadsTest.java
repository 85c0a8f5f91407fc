package io.dropserver.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * On two processors, beside neighbours that are busy, the server finds its own threads by the names
 * that the JDK and the libraries give them. Whatever works under another name is found here.
 */
class PartedThreadsTest {
  private static final int REQUESTS = 4_000;

  /** Of what all threads of the server used. */
  private static final int IN_NEITHER_PERCENT = 15;

  private static final String BOTH = "0-1";

  @TempDir private Path folder;

  /** What a thread may use, and the nanoseconds that it used it. */
  private record Use(String processors, long nanos) {}

  @Test
  void whatWorksWhileRequestsAreAnsweredIsOfOneOfTheTwoKinds() throws Exception {
    assumeTrue(
        Files.readString(Path.of("/sys/devices/system/cpu/online")).strip().equals(BOTH),
        "this machine has not two processors");
    try (LiveInstance instance = LiveInstance.tiny(folder)) {
      declare(instance.repository());
      instance.start();
      assertThat(instance.sync().served()).as(instance.log()).isTrue();
      for (String host : new String[] {"busy-a", "busy-b"}) {
        assertThat(instance.get(host, "/spin").body()).as(instance.log()).isEqualTo("spins");
      }
      assertThat(instance.get("quiet", "/").body()).as(instance.log()).isEqualTo("quiet");
      assumeTrue(
          leavesOne(instance.state()), "this user may not write the cgroup controller cpuset");
      Path tasks = Path.of("/proc", Long.toString(instance.server().pid()), "task");
      await("the threads part")
          .atMost(LiveInstance.PATIENCE)
          .until(() -> use(tasks).values().stream().anyMatch(use -> use.processors().equals("0")));

      Map<String, Use> before = use(tasks);
      for (int i = 0; i < REQUESTS; i++) {
        assertThat(instance.get("quiet", "/").body()).isEqualTo("quiet");
      }
      Map<String, Use> used = since(before, use(tasks));
      long all = sum(used, Optional.empty());
      assertThat(sum(used, Optional.of(BOTH)) * 100 / all)
          .as("percent used by threads that are in neither list, of %s", used)
          .isLessThan(IN_NEITHER_PERCENT);
      assertThat(sum(used, Optional.of("0"))).as("answers, of %s", used).isGreaterThan(all / 4);
    }
  }

  /** Whoever has just begun does, where sandboxes can. */
  private static boolean leavesOne(Path state) throws IOException {
    for (long process : SandboxProcesses.all(state)) {
      try {
        if (processors(Path.of("/proc", Long.toString(process))).equals("1")) {
          return true;
        }
      } catch (IOException ended) {
        // it has helped to start another
      }
    }
    return false;
  }

  private static void declare(ConfigRepository repository) throws IOException {
    repository.write(
        "apps/one/main.ts",
        """
        const spin = () => {
          const end = Date.now() + 90;
          while (Date.now() < end);
        };
        export default { fetch(request: Request): Response {
          if (!request.url.endsWith("/spin")) return new Response("quiet");
          setInterval(spin, 100);
          return new Response("spins");
        } };
        """);
    for (String name : new String[] {"busy-a", "busy-b", "quiet"}) {
      repository.write(
          "appspaces/" + name + ".yaml", TinyInstance.appspace(name, "1.0.0", false, 128));
    }
    repository.push("Two that will be busy, and one that is quiet");
  }

  /** By the thread's name and number. */
  private static Map<String, Use> use(Path tasks) throws IOException {
    Map<String, Use> found = new HashMap<>();
    try (DirectoryStream<Path> threads = Files.newDirectoryStream(tasks)) {
      for (Path thread : threads) {
        try {
          String name = Files.readString(thread.resolve("comm")).strip();
          found.put(name + " " + thread.getFileName(), useOf(thread));
        } catch (IOException ended) {
          // neither before nor after
        }
      }
    }
    return found;
  }

  private static Use useOf(Path thread) throws IOException {
    String[] schedule = Files.readString(thread.resolve("schedstat")).split(" ", -1);
    return new Use(processors(thread), Long.parseLong(schedule[0]));
  }

  private static String processors(Path process) throws IOException {
    return Files.readAllLines(process.resolve("status")).stream()
        .filter(line -> line.startsWith("Cpus_allowed_list:"))
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .findFirst()
        .orElseThrow(() -> new IOException(process + " says nothing of its processors"));
  }

  /** Of those that lived all the time, and used anything. */
  private static Map<String, Use> since(Map<String, Use> before, Map<String, Use> after) {
    Map<String, Use> used = new HashMap<>();
    after.forEach(
        (thread, now) -> {
          long nanos = now.nanos() - before.getOrDefault(thread, now).nanos();
          if (nanos > 0) {
            used.put(thread, new Use(now.processors(), nanos));
          }
        });
    return used;
  }

  private static long sum(Map<String, Use> used, Optional<String> processors) {
    return used.values().stream()
        .filter(use -> processors.isEmpty() || use.processors().equals(processors.get()))
        .mapToLong(Use::nanos)
        .sum();
  }
}
