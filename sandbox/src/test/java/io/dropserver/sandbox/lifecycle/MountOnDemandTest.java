package io.dropserver.sandbox.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dropserver.sandbox.LeaseCaller;
import io.dropserver.sandbox.Sandbox.Exit;
import io.dropserver.sandbox.SandboxHost.Layer;
import io.dropserver.sandbox.storage.Storage;
import io.dropserver.sandbox.storage.StorageException;
import io.dropserver.sandbox.storage.VolumeHost;
import io.dropserver.state.condition.Reason;
import io.dropserver.state.condition.SandboxReason;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Volumes are mounted for the first start of a sandbox, and not when appspaces are declared. */
class MountOnDemandTest {
  private static final long MEMORY = 100L << 20;

  private final CountingStorage storage = new CountingStorage();
  private final FakeHost host = new FakeHost();
  private final List<String> failures = new CopyOnWriteArrayList<>();
  private final Sandboxes sandboxes =
      new Sandboxes(
          new VolumeHost(host, storage, spec -> {}, Set.of()),
          new LifecycleSettings(10, 10 * MEMORY, Duration.ofMillis(200), Duration.ofMillis(100)),
          Clock.systemUTC(),
          new Failures());

  @AfterEach
  void close() {
    sandboxes.close();
  }

  @Test
  void aVolumeIsMountedForTheFirstStartOfItsSandbox() {
    declare(300);
    assertThat(storage.calls).isEmpty();
    sandboxes.lease("a7", LeaseCaller.member("ada")).close();
    sandboxes.lease("a7", LeaseCaller.member("ada")).close();
    assertThat(storage.calls).containsExactly("open");
    assertThat(host.starts()).isEqualTo(1);
  }

  @Test
  void withoutItsVolumeASandboxDoesNotStartAndTheFailureIsReported() {
    declare(2);
    storage.broken = true;
    assertThatThrownBy(() -> sandboxes.lease("a0", LeaseCaller.member("ada")))
        .isInstanceOf(StorageException.class);
    assertThat(host.starts()).isZero();
    assertThat(failures).containsExactly("a0 " + SandboxReason.STORAGE_FAILED.text());
    storage.broken = false;
    sandboxes.lease("a1", LeaseCaller.member("ada")).close();
    assertThat(host.starts()).isEqualTo(1);
  }

  private void declare(int count) {
    for (int i = 0; i < count; i++) {
      sandboxes.declare(SandboxesTest.spec("a" + i, "1.0.0", MEMORY));
    }
  }

  /** A storage without volumes. It records the calls that mount or read a volume. */
  private static final class CountingStorage implements Storage {
    final List<String> calls = new ArrayList<>();
    boolean broken;

    @Override
    public synchronized Volume open(Path folder, int uid, long limitBytes) {
      calls.add("open");
      if (broken) {
        throw new StorageException("the volume cannot be mounted");
      }
      return new Volume(folder, true, limitBytes, "");
    }

    @Override
    public synchronized void makeReadable(Path folder) {
      calls.add("make readable");
    }

    @Override
    public synchronized Stored stored(Path folder) {
      calls.add("measure");
      return new Stored(0, false, false);
    }

    @Override
    public void moveIntoVolume(Path folder, int uid, long limitBytes) {}

    @Override
    public void abortMoves() {}

    @Override
    public void markUnused(Path folder) {}

    @Override
    public void setWriters(Writers writers) {}

    @Override
    public boolean diskFull() {
      return false;
    }

    @Override
    public void release(Path folder) {}

    @Override
    public Layer layer() {
      return new Layer(VolumeHost.STORAGE, true, "", "");
    }

    @Override
    public void close() {}
  }

  private final class Failures implements SandboxEvents {
    @Override
    public void started(String appspace) {}

    @Override
    public void stopped(String appspace) {}

    @Override
    public void ended(String appspace, Exit exit) {}

    @Override
    public void startFailed(String appspace, Reason reason, String message) {
      failures.add(appspace + " " + reason.text());
    }

    @Override
    public void failureVoid(String appspace) {}
  }
}
