package io.dropserver.sandbox.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.sandbox.Sandbox;
import io.dropserver.sandbox.SandboxHost.Layer;
import io.dropserver.sandbox.SandboxSpec;
import io.dropserver.sandbox.deno.DenoLayer;
import io.dropserver.sandbox.storage.SoftStorage;
import io.dropserver.sandbox.storage.Storage;
import io.dropserver.sandbox.storage.VolumeHost;
import io.dropserver.sandbox.usage.UsageMonitor;
import io.dropserver.sandbox.usage.UsageSample;
import io.dropserver.schema.instance.AppRuntime;
import io.dropserver.schema.instance.Limits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Measures a real sandbox. */
@Tag("slow")
final class UsageTest {
  /** A small CPU limit, so that the app counts as busy even on a busy machine. */
  private static final Limits LITTLE =
      new Limits(
          192L << 20,
          100,
          64,
          1L << 30,
          Duration.ofSeconds(30),
          Duration.ofMinutes(5),
          Limits.DEFAULT.stopAfter(),
          Limits.DEFAULT.requestBodyBytes(),
          Limits.AppspaceEgressLimits.DEFAULT);

  @TempDir Path folder;

  @Test
  void aLiveSandboxIsMeasuredAndItsHistoryOutlivesIt() throws Exception {
    Map<String, Sandbox> live = new ConcurrentHashMap<>();
    LinkedBlockingQueue<Map<String, UsageSample>> told = new LinkedBlockingQueue<>();
    Storage storage = new SoftStorage(new Storage.Missing("a test", "none"));
    try (TestHost inner = new TestHost(folder, DenoLayer.ON)) {
      VolumeHost host = new VolumeHost(inner.host, storage, spec -> {}, Set.of("storage"));
      SandboxSpec spec =
          inner.spec(
              TestHost.answering("Deno.writeFileSync('/data/x', new Uint8Array(100000)) ?? 1"));
      try (UsageMonitor monitor =
          new UsageMonitor(() -> Map.copyOf(live), host, Clock.systemUTC(), told::add)) {
        Sandbox sandbox = host.start(spec);
        assertThat(TestHost.get(sandbox)).isEqualTo("1");
        live.put(spec.appspace(), sandbox);
        Awaitility.await().until(() -> !monitor.history(spec.appspace()).isEmpty());
        UsageSample sample = monitor.history(spec.appspace()).getLast();
        assertThat(sample.memoryBytes()).isBetween(10L << 20, 192L << 20);
        assertThat(sample.processes()).isBetween(2, 64);
        assertThat(sample.storageBytes()).isBetween(100_000L, 1L << 20);
        live.clear();
        sandbox.stop(Duration.ofMillis(200));
        Awaitility.await().until(() -> told.stream().anyMatch(Map::isEmpty));
        assertThat(monitor.history(spec.appspace())).isNotEmpty();
      }
    }
  }

  @Test
  void aBusySandboxLetsOthersHaveTheProcessorFirst() throws Exception {
    Storage storage = new SoftStorage(new Storage.Missing("a test", "none"));
    try (TestHost inner = new TestHost(folder, DenoLayer.ON)) {
      VolumeHost host = new VolumeHost(inner.host, storage, spec -> {}, Set.of("storage"));
      SandboxSpec spec =
          inner.spec(
              "setInterval(() => { const end = Date.now() + 900; while (Date.now() < end); },"
                  + " 1000);"
                  + TestHost.answering("1"),
              AppRuntime.FETCH,
              LITTLE);
      Sandbox sandbox = host.start(spec);
      Assumptions.assumeTrue(
          !cpuIdle(inner).isEmpty(), "this kernel schedules no group idle (cpu.idle)");
      try (UsageMonitor monitor =
          new UsageMonitor(
              () -> Map.of(spec.appspace(), sandbox), host, Clock.systemUTC(), newest -> {})) {
        awaitIdle(inner);
        Awaitility.await().until(() -> monitor.history(spec.appspace()).size() > 1);
        // Others may have the processor first for several samples.
        Awaitility.await()
            .untilAsserted(
                () ->
                    assertThat(monitor.history(spec.appspace()).getLast().cpuMillis())
                        .isGreaterThan(20));
      }
      sandbox.stop(Duration.ofMillis(200));
    }
  }

  private static void awaitIdle(TestHost inner) {
    Awaitility.await()
        .untilAsserted(
            () ->
                assertThat(cpuIdle(inner)).anySatisfy(file -> assertThat(file).hasContent("1\n")));
  }

  private static List<Path> cpuIdle(TestHost inner) throws IOException {
    return files(inner, "cpu", "cpu.idle");
  }

  /** The files of all groups of this host. */
  private static List<Path> files(TestHost inner, String controller, String name)
      throws IOException {
    String cgroup =
        inner.host.layers().stream()
            .filter(layer -> layer.name().equals("cgroup"))
            .map(Layer::detail)
            .findFirst()
            .orElseThrow();
    String root =
        cgroup.substring(cgroup.indexOf(" at ") + 4).replace("/memory/", "/" + controller + "/");
    try (Stream<Path> groups = Files.list(Path.of(root))) {
      return groups.map(group -> group.resolve(name)).filter(Files::exists).toList();
    }
  }
}
