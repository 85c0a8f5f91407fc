package io.dropserver.sandbox.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.egress.gateway.HostApi;
import io.dropserver.egress.gateway.HostApi.Answer;
import io.dropserver.egress.gateway.HostApi.Call;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class AwakeApiTest {
  private final AwakeClaims claims = new AwakeClaims(() -> Instant.EPOCH);
  private final HostApi api = new AwakeApi(claims, HostApi.NONE);

  private Answer call(String appspace, String method, String path) {
    return api.answer(appspace, new Call(method, path, ""));
  }

  @Test
  void anAppBeginsAndEndsItsOwnClaimsOnly() {
    Answer begun = call("garden", "POST", "/awake");
    assertThat(begun.status()).isEqualTo(200);
    String id = JsonMapper.shared().readTree(begun.json()).get("id").asString();
    assertThat(claims.of("garden")).isPresent();
    assertThat(call("diary", "DELETE", "/awake/" + id).status()).isEqualTo(200);
    assertThat(claims.of("garden")).isPresent();
    assertThat(call("garden", "DELETE", "/awake/" + id).json()).isEqualTo("{}");
    assertThat(claims.of("garden")).isEmpty();
  }

  @Test
  void claimsBeyondTheLimitAreRefused() {
    for (int i = 0; i < AwakeClaims.PER_APPSPACE; i++) {
      assertThat(call("garden", "POST", "/awake").status()).isEqualTo(200);
    }
    Answer refused = call("garden", "POST", "/awake");
    assertThat(refused.status()).isEqualTo(429);
    assertThat(JsonMapper.shared().readTree(refused.json()).get("error").asString()).contains("16");
  }

  @Test
  void otherMethodsAreRefusedAndOtherCallsPassedOn() {
    assertThat(call("garden", "GET", "/awake").status()).isEqualTo(405);
    assertThat(call("garden", "POST", "/awake/x").status()).isEqualTo(405);
    assertThat(call("garden", "GET", "/awaken"))
        .isEqualTo(HostApi.NONE.answer("garden", new Call("GET", "/awaken", "")));
  }
}
