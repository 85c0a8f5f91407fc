package io.dropserver.sandbox.egress.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.sandbox.egress.Destination;
import io.dropserver.sandbox.egress.Host;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The gateway never grants what Deno's layer refuses, and Deno's layer passes what the gateway
 * grants.
 */
class BrokerAgreementTest {
  private static final List<String> URLS =
      List.of(
          "https://a.test/",
          "https://a.test:8443/",
          "http://a.test/",
          "https://b.test/open/",
          "https://b.test/closed/",
          "https://c.test/",
          "https://x.c.test/",
          "http://127.0.0.1/",
          "http://a.test:443/",
          "http://127.0.0.2/",
          "http://[::1]/",
          "http://[fd00::1]:8080/",
          "http://localhost/",
          "https://home.test/",
          "https://notes.home.test/");

  @TempDir private Path folder;

  @Test
  void theBrokerAllowsEveryDestinationThatTheGatewayGrants() throws Exception {
    int granted = 0;
    int refused = 0;
    try (GatewayFixture fixture =
        new GatewayFixture(folder, GatewayFixture.quick(), List.of(), "127.0.0.2/32")) {
      for (String allowed : URLS) {
        for (String denied : URLS) {
          fixture.account.applyPolicy(
              GatewayFixture.policy(List.of(allowed, "https://b.test/"), List.of(denied)));
          for (String url : URLS) {
            Destination destination = Destination.parse(url);
            boolean byGateway = grants(fixture.account, destination);
            boolean byBroker = fixture.account.refusal(hostAndPort(destination)).isEmpty();
            assertThat(byGateway && !byBroker)
                .as("allow %s deny %s ask %s", allowed, denied, url)
                .isFalse();
            granted += byGateway ? 1 : 0;
            refused += byBroker ? 0 : 1;
          }
        }
      }
    }
    assertThat(granted).isPositive();
    assertThat(refused).isPositive();
  }

  private static boolean grants(EgressAccount account, Destination destination) {
    try {
      account.authorizer().authorize(destination, "GET");
      return true;
    } catch (RefusedException no) {
      return false;
    }
  }

  private static String hostAndPort(Destination destination) {
    Host host = destination.host();
    return host.authority() + ":" + destination.port();
  }
}
