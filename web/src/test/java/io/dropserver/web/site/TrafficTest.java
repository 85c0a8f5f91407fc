package io.dropserver.web.site;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.control.VisitorRequest;
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
    traffic.recordResponse("GET", "/", 404, 1_000);
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
    declaredAgain.recordResponse("GET", "/", 200, 1_000);
    traffic.recordResponse("GET", "/", 200, 1_000);
    assertThat(registry.get("dropserver.http.requests").tag("status", "2xx").counter().count())
        .isEqualTo(1);
  }

  @Test
  void theLatestRequestsAreKeptAndCut() {
    assertThat(traffic.latestRequests()).isEmpty();
    for (int i = 0; i < LatestRequests.COUNT + 2; i++) {
      traffic.recordResponse("GET", "/" + i, 200, 3_000_000);
    }
    assertThat(traffic.latestRequests())
        .hasSize(LatestRequests.COUNT)
        .extracting(VisitorRequest::path)
        .startsWith("/2")
        .endsWith("/11");
    traffic.recordResponse("X".repeat(9_000), "/" + "y".repeat(9_000), 405, 3_000_000);
    assertThat(traffic.latestRequests().getLast())
        .returns(405, VisitorRequest::status)
        .returns(3L, VisitorRequest::millis)
        .returns(20, request -> request.method().length())
        .returns(200, request -> request.path().length());
  }
}
