package io.dropserver.web.push;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SubscriptionTest {

  @Test
  void whatABrowserSendsIsAccepted() throws Exception {
    ReceivingBrowser browser = new ReceivingBrowser();
    String endpoint = "https://updates.push.example:8443/wpush/v2/gAAA-_x?y=%20";
    assertThat(Subscription.parse(endpoint, browser.publicKey(), browser.auth()).endpoint())
        .hasToString(endpoint);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "x",
        "http://push.example/a",
        "HTTPS://push.example/a",
        "https:///a",
        "https://user:password@push.example/a",
        "https://push.example/a#b",
        "https://PUSH.example/a",
        "https://push.example/ü",
        "https://push.example/a b",
        "https://push.example/a\r\nX: y",
        "file:///etc/passwd",
        "https:push.example"
      })
  void anotherEndpointIsRefused(String endpoint) throws Exception {
    ReceivingBrowser browser = new ReceivingBrowser();
    assertThatThrownBy(() -> Subscription.parse(endpoint, browser.publicKey(), browser.auth()))
        .isInstanceOf(Subscription.InvalidSubscriptionException.class);
  }

  @Test
  void otherKeysAndSecretsAndLongEndpointsAreRefused() throws Exception {
    ReceivingBrowser browser = new ReceivingBrowser();
    String good = "https://push.example/a";
    for (String[] bad :
        new String[][] {
          {good + "a".repeat(1_000), browser.publicKey(), browser.auth()},
          {good, "", browser.auth()},
          {good, browser.publicKey().substring(4), browser.auth()},
          {good, "!" + browser.publicKey(), browser.auth()},
          {good, browser.publicKey(), ""},
          {good, browser.publicKey(), browser.auth() + "AA"}
        }) {
      assertThatThrownBy(() -> Subscription.parse(bad[0], bad[1], bad[2]))
          .as(String.join(" ", bad))
          .isInstanceOf(Subscription.InvalidSubscriptionException.class);
    }
  }
}
