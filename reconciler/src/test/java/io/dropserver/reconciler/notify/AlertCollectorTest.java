package io.dropserver.reconciler.notify;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.control.InstanceStatus;
import io.dropserver.control.InstanceView;
import io.dropserver.control.ObjectStatus;
import io.dropserver.control.RevisionStatus;
import io.dropserver.state.condition.AppspaceReason;
import io.dropserver.state.condition.Condition;
import io.dropserver.state.condition.ConditionType;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AlertCollectorTest {
  private Instant now = Instant.EPOCH.plus(Duration.ofDays(1));

  private List<Alert> alerts(List<Condition> ofServer, List<Condition> ofObject) {
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
            ofObject,
            Optional.empty());
    InstanceStatus status =
        new InstanceStatus(revision, false, false, "", ofServer, List.of(object), List.of());
    InstanceView view =
        (InstanceView)
            Proxy.newProxyInstance(
                InstanceView.class.getClassLoader(),
                new Class<?>[] {InstanceView.class},
                (_, method, _) -> method.getName().equals("status") ? status : List.of());
    return AlertCollector.of(view, now);
  }

  private static Condition condition(ConditionType type, boolean status) {
    return new Condition(
        type, status, AppspaceReason.CONVERGE_FAILED, "why", Optional.empty(), Instant.EPOCH);
  }

  @ParameterizedTest
  @EnumSource(ConditionType.class)
  void aConditionThatNeedsAttentionIsOneAlert(ConditionType type) {
    List<Condition> bad = List.of(condition(type, !type.normal()));
    int expected = type.severity().needsAttention() ? 1 : 0;
    assertThat(alerts(bad, List.of())).hasSize(expected);
    assertThat(alerts(List.of(), bad)).hasSize(expected);
    List<Condition> normal = List.of(condition(type, type.normal()));
    assertThat(alerts(normal, normal)).isEmpty();
  }

  @Test
  void aRemoteThatFailsForAShortTimeIsNoAlert() {
    List<Condition> failing = List.of(condition(ConditionType.SOURCE_FAILING, true));
    now = Instant.EPOCH.plus(AlertCollector.SOURCE_OUTAGE).minusMillis(1);
    assertThat(alerts(failing, List.of())).isEmpty();
    now = Instant.EPOCH.plus(AlertCollector.SOURCE_OUTAGE);
    assertThat(alerts(failing, List.of())).hasSize(1);
    now = Instant.EPOCH.minusMillis(1);
    assertThat(alerts(failing, List.of())).hasSize(1);
  }
}
