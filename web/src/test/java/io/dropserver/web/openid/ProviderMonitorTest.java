package io.dropserver.web.openid;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.base.concurrent.Timers;
import io.dropserver.egress.gateway.GuardedFetch.Answer;
import io.dropserver.schema.host.OpenIdSettings;
import io.dropserver.state.condition.Condition;
import io.dropserver.state.condition.ConditionType;
import io.dropserver.web.RecordedConditions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProviderMonitorTest {
  private static final String ISSUER = "https://id.test";

  @TempDir Path folder;
  private final RecordedConditions server = new RecordedConditions();
  private final List<Runnable> due = new ArrayList<>();
  private final Timers timers =
      (_, task) -> {
        due.add(task);
        return () -> due.remove(task);
      };
  private String issuer = ISSUER;
  private boolean down;
  private String keys = "{\"keys\":[{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\"}]}";

  private Provider provider(Optional<Path> secret) {
    return new Provider(
        new OpenIdSettings(
            "home", "Home", ISSUER, "dropserver", secret, List.of("openid"), Optional.empty()),
        (call, _, _) -> {
          if (down) {
            throw new IOException("https://id.test: connection refused");
          }
          String body = call.url().getPath().endsWith("/keys") ? keys : description();
          return new Answer(200, "application/json", body, Optional.empty());
        },
        InstantSource.system(),
        InstantSource.system());
  }

  private String description() {
    return """
    {"issuer": "%1$s", "authorization_endpoint": "%1$s/auth", "token_endpoint": "%1$s/token", "jwks_uri": "%1$s/keys",
     "response_types_supported": ["code"], "subject_types_supported": ["public"], "id_token_signing_alg_values_supported": ["RS256"]}
    """
        .formatted(issuer);
  }

  private ProviderMonitor start(Provider... providers) {
    return new ProviderMonitor(List.of(providers), server, timers).start();
  }

  private void pass() {
    List<Runnable> now = List.copyOf(due);
    due.clear();
    now.forEach(Runnable::run);
  }

  private Optional<String> problem() {
    return server.find(ConditionType.LOGIN_PROVIDER_FAILING).map(Condition::message);
  }

  @Test
  void theConditionLastsAsLongAsTheProviderFails() {
    try (var _ = start(provider(Optional.empty()))) {
      pass();
      assertThat(problem()).isEmpty();
      down = true;
      pass();
      assertThat(problem().orElseThrow())
          .contains("log-in at Home fails: https://id.test: connection refused")
          .contains("Passkeys, passwords and links work");
      down = false;
      pass();
      assertThat(problem()).isEmpty();
    }
  }

  @Test
  void whatWouldFailAtALogInIsNamed() {
    try (var _ = start(provider(Optional.of(folder.resolve("absent"))))) {
      pass();
      assertThat(problem().orElseThrow()).contains("cannot read " + folder.resolve("absent"));
    }
    try (var _ = start(provider(Optional.empty()))) {
      issuer = "https://evil.test";
      pass();
      assertThat(problem().orElseThrow()).contains("another issuer: https://evil.test");
      issuer = "https://evil.test/" + "a\\u202e".repeat(50_000);
      pass();
      assertThat(problem().orElseThrow()).hasSizeLessThan(4_000).doesNotContain("\u202e");
      issuer = ISSUER;
      keys = "{\"keys\":[]}";
      pass();
      assertThat(problem().orElseThrow()).contains("https://id.test has no keys");
      keys = "<html>";
      pass();
      assertThat(problem().orElseThrow()).contains("the keys of https://id.test cannot be read");
    }
  }

  @Test
  void aStartWithoutProvidersForgetsTheCondition() {
    down = true;
    try (var _ = start(provider(Optional.empty()))) {
      pass();
    }
    due.clear();
    assertThat(problem()).isPresent();
    try (var _ = start()) {
      assertThat(problem()).isEmpty();
      assertThat(due).isEmpty();
    }
  }

  @Test
  void aCheckThatOutlastsTheServerChangesNothing() {
    ProviderMonitor monitor = start(provider(Optional.empty()));
    down = true;
    monitor.close();
    pass();
    assertThat(problem()).isEmpty();
  }
}
