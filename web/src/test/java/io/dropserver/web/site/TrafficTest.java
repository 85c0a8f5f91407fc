package io.dropserver.web.site;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.Test;

class TrafficTest {
  private final MeterRegistry registry = new SimpleMeterRegistry();
  private final Traffic traffic = new Traffic("notes", registry, FrontDoorLimits.ofThisProcess());

  @Test
  void anAppspaceWithoutRequestsHasNoMetrics() {
    assertThat(traffic.recentRequests()).isEmpty();
    assertThat(registry.getMeters()).isEmpty();
    traffic.requests();
    assertThat(registry.get("dropserver.http.requests.active").gauge().value()).isZero();
    traffic.recordResponse(404, 1_000);
    assertThat(registry.get("dropserver.http.requests").tag("status", "4xx").counter().count())
        .isEqualTo(1);
    assertThat(traffic.recentRequests()).endsWith(1);
    traffic.removeMetrics();
    assertThat(registry.getMeters()).isEmpty();
  }

  @Test
  void theFirstRequestOfARemovedAppspaceReportsNoMetrics() {
    traffic.removeMetrics();
    Traffic declaredAgain = new Traffic("notes", registry, FrontDoorLimits.ofThisProcess());
    declaredAgain.recordResponse(200, 1_000);
    traffic.recordResponse(200, 1_000);
    assertThat(registry.get("dropserver.http.requests").tag("status", "2xx").counter().count())
        .isEqualTo(1);
  }
}
