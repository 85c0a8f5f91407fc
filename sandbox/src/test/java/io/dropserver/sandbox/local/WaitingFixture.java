package io.dropserver.sandbox.local;

import static io.dropserver.sandbox.local.TestHost.answering;
import static io.dropserver.sandbox.local.TestHost.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dropserver.sandbox.InstalledApp;
import io.dropserver.sandbox.Sandbox;
import io.dropserver.sandbox.SandboxSpec;
import io.dropserver.sandbox.deno.DenoLayer;
import io.dropserver.sandbox.linux.Mounts;
import io.dropserver.schema.instance.Appspace.Isolation;
import io.dropserver.schema.instance.DropappManifest;
import io.dropserver.schema.instance.DropappManifest.DataSchema;
import io.dropserver.schema.instance.DropappManifest.LaunchOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Lets real sandboxes wait, and looks at their processes. */
@Tag("slow")
@Timeout(180)
abstract class WaitingFixture {
  static final Duration GRACE = Duration.ofSeconds(1);

  @TempDir Path folder;
  TestHost test;

  @BeforeEach
  @SuppressWarnings("NullAway.Init")
  void open() {
    test = new TestHost(folder, DenoLayer.ON);
    SandboxSpec spec = test.spec(answering("1"));
    Assumptions.assumeTrue(test.host.keepWaiting(List.of(spec)) == 1, "needs root and cgroups");
    var _ = test.host.keepWaiting(List.of());
  }

  @AfterEach
  void close() {
    test.close();
    await("no process is left").until(() -> denos().isEmpty());
    assertThat(Mounts.below(folder)).isEmpty();
  }

  static List<String> descriptors(ProcessHandle process) throws IOException {
    List<String> found = new ArrayList<>();
    try (Stream<Path> files = Files.list(Path.of("/proc/" + process.pid() + "/fd"))) {
      for (Path each : files.toList()) {
        found.add(Files.readSymbolicLink(each).toString().replaceAll("[0-9]+", ""));
      }
    }
    found.sort(null);
    return found;
  }

  static List<String> holders() {
    return ProcessHandle.current()
        .descendants()
        .map(each -> String.join(" ", each.info().arguments().orElse(new String[0])))
        .filter(line -> line.contains("echo; read -r _"))
        .toList();
  }

  String response(SandboxSpec spec) throws IOException {
    Sandbox sandbox = test.host.start(spec);
    try {
      return get(sandbox);
    } finally {
      sandbox.stop(GRACE);
    }
  }

  String responseOfWaiting(SandboxSpec spec) throws IOException {
    ProcessHandle waiting = keepWaiting(spec);
    String response = response(spec);
    assertThat(runs(waiting)).as("it was used and stopped").isFalse();
    return response;
  }

  /** Lets one sandbox wait, and returns its Deno. */
  ProcessHandle keepWaiting(SandboxSpec spec) {
    List<ProcessHandle> before = denos();
    assertThat(test.host.keepWaiting(List.of(spec))).isEqualTo(1);
    return await()
        .until(
            () -> denos().stream().filter(it -> !before.contains(it)).toList(),
            found -> found.size() == 1)
        .getFirst();
  }

  static List<ProcessHandle> denos() {
    return ProcessHandle.current()
        .descendants()
        .filter(each -> each.info().command().orElse("").endsWith("/deno"))
        .toList();
  }

  /** A process remains as a zombie until its parent has waited for it. */
  static boolean runs(ProcessHandle process) {
    return process.isAlive() && process.info().command().isPresent();
  }

  static SandboxSpec with(SandboxSpec spec, LaunchOptions options) {
    DropappManifest before = spec.app().manifest();
    InstalledApp app = spec.app();
    return spec.withData(
        spec.dataFolder(),
        spec.uid(),
        new InstalledApp(
            app.app(),
            "2.0.0",
            app.contentId(),
            app.files(),
            app.denoDir(),
            app.denoConfig(),
            new DropappManifest(
                before.name(),
                "",
                "1.0.0",
                "main.ts",
                Optional.empty(),
                Optional.empty(),
                List.of(),
                List.of(),
                Optional.empty(),
                DataSchema.UNNAMED,
                options),
            app.runtime(),
            Optional.empty()));
  }

  static SandboxSpec with(SandboxSpec spec, SortedMap<String, String> config, Isolation isolation) {
    return new SandboxSpec(
        spec.appspace(),
        spec.app(),
        spec.dataFolder(),
        spec.uid(),
        spec.url(),
        config,
        spec.limits(),
        isolation,
        spec.egress());
  }
}
