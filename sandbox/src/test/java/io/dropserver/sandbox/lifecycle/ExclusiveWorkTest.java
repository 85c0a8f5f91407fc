package io.dropserver.sandbox.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dropserver.sandbox.LeaseCaller;
import io.dropserver.sandbox.SandboxSpec;
import io.dropserver.testing.SettableClock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ExclusiveWorkTest {
  private static final long MEMORY = 1 << 20;
  private static final SandboxSpec SPEC = SandboxesTest.spec("a", "1.0.0", MEMORY);
  private static final SandboxSpec OTHER = SandboxesTest.spec("a", "2.0.0", MEMORY);

  private final FakeHost host = new FakeHost();
  private final SettableClock clock = new SettableClock();
  private final List<String> events = new CopyOnWriteArrayList<>();
  private final AppspaceSandbox appspace = appspace(new Capacity(1, MEMORY));

  private AppspaceSandbox appspace(Capacity capacity) {
    WaitingStarts none = new WaitingStarts(host, capacity, 0);
    return new AppspaceSandbox(
        "a",
        new Starter(host, none, new Places(capacity, new RoomMaker(Map.of(), none), clock)),
        new LifecycleSettings(1, MEMORY, Duration.ZERO, Duration.ZERO),
        clock,
        new SandboxesTest.Recorder(events),
        new AwakeClaims(clock),
        Instant.EPOCH);
  }

  /** Otherwise it would run beside the next sandbox, with the same data. */
  @Test
  void aReplacementWhoseCheckFailsUnexpectedlyIsStoppedAndReleasesItsPlace() {
    appspace.declare(SPEC);
    assertThatThrownBy(
            () ->
                appspace
                    .work()
                    .replace(
                        OTHER,
                        _ -> {
                          throw new IllegalStateException("a defect");
                        }))
        .hasMessage("a defect");
    assertThat(host.live()).isEmpty();
    appspace.lease(LeaseCaller.member("ada"), () -> false).close();
    assertThat(host.live()).hasSize(1);
    assertThat(host.last().spec()).isEqualTo(SPEC);
  }
}
