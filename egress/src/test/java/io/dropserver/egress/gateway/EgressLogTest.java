package io.dropserver.egress.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.egress.gateway.EgressLog.Entry;
import io.dropserver.egress.gateway.EgressLog.Outcome;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class EgressLogTest {
  @Test
  void theLatestEntriesAreKeptWithTruncatedUrls() {
    EgressLog log = new EgressLog();
    for (int i = 0; i < 1_500; i++) {
      String url = "https://name.test/" + i + "/" + "x".repeat(8_000);
      log.add(new Entry(Instant.EPOCH, "GET", url, 200, 0, 0, Outcome.ALLOWED, ""));
    }
    assertThat(log.entries()).hasSize(1_000);
    assertThat(log.entries().getFirst().url()).startsWith("https://name.test/500/").hasSize(513);
    assertThat(log.sum().requests()).isEqualTo(1_500);
  }
}
