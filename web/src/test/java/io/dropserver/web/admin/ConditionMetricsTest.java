package io.dropserver.web.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.control.InstanceStatus;
import io.dropserver.control.InstanceView;
import io.dropserver.control.ObjectStatus;
import io.dropserver.control.RevisionStatus;
import io.dropserver.state.condition.AppspaceReason;
import io.dropserver.state.condition.BackupReason;
import io.dropserver.state.condition.Condition;
import io.dropserver.state.condition.ConditionType;
import io.dropserver.state.condition.ObjectReason;
import io.dropserver.state.condition.Reason;
import io.dropserver.testing.SettableClock;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ConditionMetricsTest {
  private static final Instant NOW = Instant.parse("2026-12-02T00:00:00Z");
  private final SettableClock clock = new SettableClock(NOW);
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final List<Condition> ofServer = new ArrayList<>();
  private final List<Condition> ofObject = new ArrayList<>();
  private int reads;

  ConditionMetricsTest() {
    InstanceView view =
        (InstanceView)
            Proxy.newProxyInstance(
                InstanceView.class.getClassLoader(),
                new Class<?>[] {InstanceView.class},
                (_, _, _) -> status());
    ConditionMetrics.bindTo(registry, view, clock);
  }

  private InstanceStatus status() {
    reads++;
    RevisionStatus revision =
        new RevisionStatus(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
    ObjectStatus object =
        new ObjectStatus(
            "Appspace",
            "garden",
            true,
            "Serving",
            "",
            Optional.empty(),
            "",
            List.copyOf(ofObject),
            Optional.empty());
    return new InstanceStatus(
        revision, false, false, "", List.copyOf(ofServer), List.of(object), List.of());
  }

  private static Condition condition(ConditionType type, boolean status, Reason reason) {
    return new Condition(type, status, reason, "", Optional.empty(), NOW);
  }

  private double value(ConditionType type) {
    return registry
        .get("dropserver.conditions")
        .tag("type", type.text())
        .tag("severity", type.severity().text())
        .gauge()
        .value();
  }

  @ParameterizedTest
  @EnumSource(ConditionType.class)
  void badConditionsOfTheServerAndOfObjectsAreCounted(ConditionType type) {
    assertThat(value(type)).isZero();
    ofServer.add(condition(type, !type.normal(), AppspaceReason.CONVERGE_FAILED));
    ofObject.add(condition(type, !type.normal(), AppspaceReason.CONVERGE_FAILED));
    ofObject.add(condition(type, type.normal(), ObjectReason.APPLIED));
    clock.advance(Duration.ofSeconds(2));
    assertThat(value(type)).isEqualTo(2);
  }

  @Test
  void expectedReasonsAreNotCountedAndAScrapeReadsTheStatusOnce() {
    ofObject.add(condition(ConditionType.READY, false, AppspaceReason.PAUSED));
    ofObject.add(condition(ConditionType.BACKED_UP, false, BackupReason.NOT_YET));
    for (ConditionType type : ConditionType.values()) {
      assertThat(value(type)).isZero();
    }
    assertThat(reads).isOne();
  }

  @Test
  void theMetricsOutliveACollectionOfGarbage() {
    System.gc();
    assertThat(value(ConditionType.READY)).isZero();
  }
}
