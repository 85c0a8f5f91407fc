package io.dropserver.sandbox.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dropserver.sandbox.LeaseCaller;
import io.dropserver.sandbox.Sandbox.Exit;
import io.dropserver.sandbox.SandboxSpec;
import io.dropserver.sandbox.lifecycle.FakeHost.FakeSandbox;
import io.dropserver.state.condition.Reason;
import io.dropserver.testing.SettableClock;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Defects and a full disk must not leave a sandbox between two phases. */
@Timeout(60)
class UnexpectedFailureTest {
  private static final long MEMORY = 1 << 20;
  private static final SandboxSpec SPEC = SandboxesTest.spec("a", "1.0.0", MEMORY);

  private final FakeHost host = new FakeHost();
  private final SettableClock clock = new SettableClock();
  private final Sandboxes sandboxes =
      new Sandboxes(
          host,
          new LifecycleSettings(1, MEMORY, Duration.ZERO, Duration.ZERO),
          clock,
          new FullDisk());

  @AfterEach
  void close() {
    sandboxes.close();
    assertThat(host.live()).isEmpty();
  }

  @Test
  void aReceiverThatCannotStoreEventsPreventsNeitherStartsNorTheNoticeOfACrash() {
    sandboxes.declare(SPEC);
    sandboxes.lease("a", LeaseCaller.member("ada")).close();
    host.last().crash();
    sandboxes.lease("a", LeaseCaller.member("ada")).close();
    assertThat(host.starts()).isEqualTo(2);
    sandboxes.withdraw("a");
    assertThat(host.live()).isEmpty();
  }

  @Test
  void aSandboxThatCannotBeStoppedIsReplacedOnceItHasEnded() throws Exception {
    sandboxes.declare(SPEC);
    sandboxes.lease("a", LeaseCaller.member("ada")).close();
    FakeSandbox stubborn = host.last();
    stubborn.stopFailure = new IllegalStateException("a defect");
    assertThatThrownBy(() -> sandboxes.whileStopped("a", () -> {})).hasMessage("a defect");

    CompletableFuture<Void> next =
        CompletableFuture.runAsync(() -> sandboxes.lease("a", LeaseCaller.member("ada")).close());
    assertThatThrownBy(() -> next.get(300, TimeUnit.MILLISECONDS))
        .isInstanceOf(TimeoutException.class);
    stubborn.crash();
    assertThat(next).succeedsWithin(Duration.ofSeconds(20));
  }

  @Test
  void aSandboxThatCannotBeMeasuredIsNotLeftFrozen() {
    sandboxes.declare(SPEC);
    sandboxes.lease("a", LeaseCaller.member("ada")).close();
    host.last().usageFailure = new IllegalStateException("a defect");
    OpenLeases leases = new OpenLeases("a", clock, new VisitorTime(), () -> {});
    assertThatThrownBy(
            () -> new SandboxRun(host.last(), SPEC, 1, clock, leases).fallAsleep(SPEC.limits()))
        .hasMessage("a defect");
    assertThat(host.last().frozen).isFalse();
  }

  /** Fails to store each event. */
  private static final class FullDisk implements SandboxEvents {
    private static void fail() {
      throw new IllegalStateException("database or disk is full");
    }

    @Override
    public void started(String appspace) {
      fail();
    }

    @Override
    public void stopped(String appspace) {
      fail();
    }

    @Override
    public void ended(String appspace, Exit exit) {
      fail();
    }

    @Override
    public void startFailed(String appspace, Reason reason, String message) {
      fail();
    }

    @Override
    public void failureVoid(String appspace) {
      fail();
    }
  }
}
