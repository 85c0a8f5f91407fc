package io.dropserver.sandbox.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.sandbox.isolation.Cgroup;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Tests the decisions with CPU times of its own. {@link UsageTest} tests them on a real sandbox.
 */
final class CpuPriorityControllerTest {
  private final Set<CpuPriorityController.CpuConsumer> live = new HashSet<>();
  private final CpuPriorityController controller = new CpuPriorityController(live);
  private long now;
  private boolean startYields;
  private boolean startIsLowered;

  /** A cgroup that only records its priority. */
  private final Cgroup starting =
      (Cgroup)
          Proxy.newProxyInstance(
              Cgroup.class.getClassLoader(),
              new Class<?>[] {Cgroup.class},
              (self, method, arguments) -> record(method.getName(), arguments));

  /** An app with a limit of a tenth of a processor. */
  private static final class App implements CpuPriorityController.CpuConsumer {
    private final String name;
    private long used;
    private boolean yields;

    App(String name) {
      this.name = name;
    }

    @Override
    public String appspace() {
      return name;
    }

    @Override
    public int cpuMillis() {
      return 100;
    }

    @Override
    public Optional<Long> cpuNanos() {
      return Optional.of(used);
    }

    @Override
    public void yieldCpu(boolean yields) {
      this.yields = yields;
    }
  }

  private App start(String name) {
    App app = new App(name);
    live.add(app);
    controller.update(now);
    return app;
  }

  private Object record(String method, Object[] arguments) {
    switch (method) {
      case "yieldCpu" -> startYields = (boolean) arguments[0];
      case "lowerCpuWeight" -> startIsLowered = (boolean) arguments[0];
      case "hashCode" -> {
        return 1;
      }
      default -> throw new AssertionError(method);
    }
    return starting;
  }

  /** Lets half a second pass in which the app uses a percentage of its limit. */
  private void use(App app, int percent) {
    long passed = Duration.ofMillis(500).toNanos();
    now += passed;
    app.used += passed / 10 * percent / 100;
    controller.update(now);
  }

  @Test
  void aBusyAppYieldsUntilItIsQuietAgain() {
    App app = start("busy");
    use(app, 39);
    assertThat(app.yields).isFalse();
    use(app, 41);
    assertThat(app.yields).isTrue();
    use(app, 21);
    assertThat(app.yields).as("between the two thresholds nothing changes").isTrue();
    use(app, 19);
    assertThat(app.yields).isFalse();
  }

  @Test
  void theCpuTimeOfTheStartDoesNotCount() {
    App app = new App("slow-start");
    app.used = Duration.ofSeconds(3).toNanos();
    live.add(app);
    controller.update(now);
    use(app, 0);
    assertThat(app.yields).isFalse();
  }

  @Test
  void aRestartOfABusyAppYieldsForOneSecondAtMost() {
    App app = start("busy");
    use(app, 100);
    live.clear();
    controller.update(now);
    controller.startBegan("busy", starting, now);
    assertThat(startYields).isTrue();
    now += Duration.ofMillis(900).toNanos();
    controller.update(now);
    assertThat(startYields).isTrue();
    now += Duration.ofMillis(200).toNanos();
    controller.update(now);
    assertThat(startYields).isFalse();
    controller.startBegan("busy", starting, now);
    assertThat(startYields).as("a start that was slow is not delayed again").isFalse();
  }

  @Test
  void aStartOfAnotherAppspaceDoesNotYield() {
    use(start("busy"), 100);
    controller.startBegan("quiet", starting, now);
    assertThat(startYields).isFalse();
  }

  @Test
  void aStartThatEndedKeepsItsPriority() {
    use(start("busy"), 100);
    controller.startBegan("busy", starting, now);
    controller.startEnded(starting);
    now += Duration.ofSeconds(5).toNanos();
    controller.update(now);
    assertThat(startYields).isTrue();
  }

  @Test
  void aStartHasALowWeightAfterItsFirstSecondUntilItEnds() {
    controller.startBegan("new", starting, now);
    now += Duration.ofMillis(900).toNanos();
    controller.update(now);
    assertThat(startIsLowered).isFalse();
    now += Duration.ofMillis(200).toNanos();
    controller.update(now);
    assertThat(startIsLowered).isTrue();
    now += Duration.ofSeconds(10).toNanos();
    controller.update(now);
    assertThat(startIsLowered).isTrue();
    controller.startEnded(starting);
    assertThat(startIsLowered).isFalse();
    controller.update(now);
    assertThat(startIsLowered).as("the start has ended").isFalse();
  }

  @Test
  void aSlowRestartOfABusyAppHasALowWeightInsteadOfTheIdleClass() {
    use(start("busy"), 100);
    controller.startBegan("busy", starting, now);
    now += Duration.ofMillis(1100).toNanos();
    controller.update(now);
    assertThat(startYields).isFalse();
    assertThat(startIsLowered).isTrue();
  }
}
