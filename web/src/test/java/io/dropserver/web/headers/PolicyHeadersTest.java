package io.dropserver.web.headers;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.schema.instance.EgressWhitelist.BrowserPolicy;
import java.util.List;
import org.junit.jupiter.api.Test;

class PolicyHeadersTest {
  private static final String ALL =
      "Strict-Transport-Security: max-age=63072000; includeSubDomains";

  private static List<String> lines(PolicyHeaders policy) {
    return policy.fields().stream()
        .map(field -> field.getName() + ": " + field.getValue())
        .toList();
  }

  /** Other servers may serve other hosts of that domain without TLS. */
  @Test
  void onAnotherSiteOnlyTransportSecurityDiffers() {
    Origin shell = Origin.of("https", "home.example.org", 443);
    PolicyHeaders policy = PolicyHeaders.of(BrowserPolicy.STRICT, shell);
    List<String> expected =
        lines(policy).stream()
            .map(line -> line.equals(ALL) ? "Strict-Transport-Security: max-age=63072000" : line)
            .toList();
    assertThat(lines(policy)).contains(ALL);
    assertThat(lines(policy.forCrossSiteHost())).containsExactlyElementsOf(expected);
  }
}
