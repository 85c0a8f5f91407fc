package io.dropserver.sandbox.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.egress.EgressPolicy;
import io.dropserver.sandbox.Sandbox;
import io.dropserver.sandbox.SandboxSpec;
import io.dropserver.sandbox.deno.DenoLayer;
import io.dropserver.sandbox.linux.Mounts;
import io.dropserver.sandbox.storage.LoopStorage;
import io.dropserver.sandbox.storage.LoopSupport;
import io.dropserver.sandbox.storage.Storage;
import io.dropserver.sandbox.storage.VolumeHost;
import io.dropserver.schema.instance.AppRuntime;
import io.dropserver.schema.instance.Limits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real sandboxes on real volumes. */
final class VolumeHostTest {
  private static final long MEBIBYTE = 1L << 20;
  private static final Duration GRACE = Duration.ofMillis(200);

  /** Writes until a write fails, and reports the size. */
  private static final String FILLER =
      TestHost.answering(
          """
          (async () => {
            const file = await Deno.open("/data/filler", { write: true, create: true, append: true });
            try { while (true) await file.write(new Uint8Array(65536)); } catch { /* full */ }
            return (await Deno.stat("/data/filler")).size;
          })()\
          """);

  @TempDir Path folder;
  private Optional<TestHost> inner = Optional.empty();
  private Optional<Storage> storage = Optional.empty();

  @BeforeEach
  void open() {
    Optional<Storage.Missing> missing = LoopSupport.unavailable();
    Assumptions.assumeTrue(missing.isEmpty(), () -> missing.orElseThrow().why());
    inner = Optional.of(new TestHost(folder, DenoLayer.ON));
    storage = Optional.of(LoopStorage.takeOver(folder));
  }

  @AfterEach
  void close() {
    storage.ifPresent(Storage::close);
    inner.ifPresent(TestHost::close);
    assertThat(Mounts.below(folder)).isEmpty();
  }

  @Test
  void anAppFillsItsVolumeAndGetsMoreWhenItsLimitGrows() throws IOException {
    VolumeHost host =
        new VolumeHost(inner.orElseThrow().host, storage.orElseThrow(), spec -> {}, Set.of());
    SandboxSpec small = spec(16 * MEBIBYTE);
    assertThat(filled(host, small)).isBetween(8 * MEBIBYTE, 16 * MEBIBYTE);
    assertThat(host.stored(small.dataFolder()).full()).isTrue();

    SandboxSpec large = withStorage(small, 48 * MEBIBYTE);
    // Another process of this machine may still use the old mount for a moment.
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () -> assertThat(filled(host, large)).isBetween(32 * MEBIBYTE, 48 * MEBIBYTE));

    assertThat(filled(host, small)).isGreaterThan(32 * MEBIBYTE);
    assertThat(host.volume(small.dataFolder()).orElseThrow().detail())
        .contains("48 MiB, kept because the stored data needs more than 16 MiB");
  }

  @Test
  void aVolumeIsKeptForTheNextStartAndReleasedWithItsAppspace() throws IOException {
    VolumeHost host =
        new VolumeHost(inner.orElseThrow().host, storage.orElseThrow(), spec -> {}, Set.of());
    SandboxSpec spec = spec(8 * MEBIBYTE);
    var _ = filled(host, spec);
    assertThat(Mounts.below(folder)).containsExactly(spec.dataFolder().toRealPath());
    host.release(spec);
    assertThat(Mounts.below(folder)).isEmpty();
  }

  /** The end of a run may be registered after the next one has begun. */
  @Test
  void aVolumeIsUsedAsLongAsOneSandboxIsThere() throws Exception {
    VolumeHost host =
        new VolumeHost(inner.orElseThrow().host, storage.orElseThrow(), spec -> {}, Set.of());
    SandboxSpec spec = spec(8 * MEBIBYTE);
    Sandbox first = host.start(spec);
    Sandbox next = host.start(spec);
    first.stop(GRACE);
    Thread.sleep(500); // the host is notified later than this test
    host.releaseUnused(spec.dataFolder());
    assertThat(host.volume(spec.dataFolder())).isPresent();
    next.stop(GRACE);
    Awaitility.await()
        .untilAsserted(
            () -> {
              host.releaseUnused(spec.dataFolder());
              assertThat(host.volume(spec.dataFolder())).isEmpty();
            });
  }

  @Test
  void noDataFolderIsCreatedBeforeTheFirstStart() throws IOException {
    SandboxSpec spec = spec(8 * MEBIBYTE);
    assertThat(spec.dataFolder().getParent()).isEmptyDirectory();
  }

  private static long filled(VolumeHost host, SandboxSpec spec) throws IOException {
    Sandbox sandbox = host.start(spec);
    try {
      return Long.parseLong(TestHost.get(sandbox));
    } finally {
      sandbox.stop(GRACE);
    }
  }

  private SandboxSpec spec(long storageBytes) throws IOException {
    SandboxSpec spec =
        withStorage(
            inner.orElseThrow().spec(FILLER, AppRuntime.FETCH, TestHost.LIMITS), storageBytes);
    Path own = Files.createDirectories(folder.resolve("data").resolve(spec.appspace()));
    for (Path path : Set.of(folder.resolve("data"), own)) {
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwx--x--x"));
    }
    return new SandboxSpec(
        spec.appspace(),
        spec.app(),
        own.resolve("files"),
        spec.uid(),
        spec.url(),
        spec.config(),
        spec.limits(),
        spec.isolation(),
        EgressPolicy.NOTHING);
  }

  private static SandboxSpec withStorage(SandboxSpec spec, long bytes) {
    Limits limits = spec.limits();
    return spec.withLimits(
        new Limits(
            limits.memoryBytes(),
            limits.cpuMillis(),
            limits.processes(),
            bytes,
            limits.requestTimeout(),
            limits.idleTimeout(),
            limits.stopAfter(),
            Limits.DEFAULT.requestBodyBytes(),
            Limits.AppspaceEgressLimits.DEFAULT));
  }
}
