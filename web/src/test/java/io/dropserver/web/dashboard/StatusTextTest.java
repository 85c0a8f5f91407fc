package io.dropserver.web.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.state.condition.AppspaceReason;
import io.dropserver.state.condition.Condition;
import io.dropserver.state.condition.ConditionType;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class StatusTextTest {
  private static final Map<String, String> TONES =
      Map.of("info", "dim", "warning", "warn", "error", "bad");

  private static String tone(ConditionType type, boolean status) {
    return TableRows.ConditionRow.of(
            new Condition(
                type, status, AppspaceReason.CONVERGE_FAILED, "", Optional.empty(), Instant.EPOCH))
        .tone();
  }

  @ParameterizedTest
  @EnumSource(ConditionType.class)
  void theColourOfAConditionFollowsItsSeverity(ConditionType type) {
    assertThat(tone(type, type.normal())).isEqualTo("good");
    assertThat(tone(type, !type.normal())).isEqualTo(TONES.get(type.severity().text()));
  }
}
