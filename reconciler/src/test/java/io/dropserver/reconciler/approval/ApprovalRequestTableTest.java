package io.dropserver.reconciler.approval;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.egress.Destination;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ApprovalRequestTableTest {
  private static final Instant DATE = Instant.parse("2026-11-26T08:00:00Z");

  private final ApprovalRequestTable table = new ApprovalRequestTable(List.of());

  private void request(String host, Instant now) {
    Destination destination = Destination.parse("https://" + host + ".example.org/");
    table.recordRequest("garden", destination, Set.of("GET"), Optional.empty(), now);
  }

  @Test
  void requestsOfALaterDateDoNotUseUpTheLimitOfADay() {
    Instant wrong = DATE.plus(Duration.ofDays(3650));
    for (int i = 0; i < ApprovalRequestTable.NEW_PER_DAY; i++) {
      request("h" + i, wrong);
    }
    request("more", wrong);
    assertThat(table.list()).hasSize(ApprovalRequestTable.NEW_PER_DAY);
    request("more", DATE);
    assertThat(table.list()).hasSize(ApprovalRequestTable.NEW_PER_DAY + 1);
  }
}
