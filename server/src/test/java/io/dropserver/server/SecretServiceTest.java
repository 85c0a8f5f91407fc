package io.dropserver.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dropserver.control.ControlException;
import io.dropserver.control.SecretControl;
import io.dropserver.control.SecretState;
import io.dropserver.control.SecretStatus;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecretServiceTest {
  private static final String VALUE = "s3cr3t-of-the-forecast";

  @TempDir Path folder;
  private final FakeSource source = new FakeSource();
  private final TestServer.Store store = new TestServer.Store(source);
  private final SampleRepo repo = new SampleRepo();
  private TestServer server;

  @BeforeEach
  void serveAnAppspaceWhoseWhitelistNamesASecret() throws Exception {
    repo.appspace("garden")
        .raw(
            "egress/garden.yaml",
            """
            apiVersion: dropserver.io/v1
            kind: EgressWhitelist
            metadata: {name: garden}
            spec:
              appspace: garden
              allow:
                - {url: "https://api.example.org/v1/", headers: {X-Key: "${secret:owm}"}}
            """);
    source.push(repo.files());
    server = new TestServer(folder, source, store).start();
    server.sync();
  }

  @AfterEach
  void close() {
    server.close();
  }

  private SecretControl secrets() {
    return server.reconciliation.secrets();
  }

  private SecretState state() {
    return secrets().secrets(Optional.of("garden")).getFirst().state();
  }

  @Test
  void aSecretThatIsNamedButNotSetIsACondition() {
    assertThat(server.condition("garden", "SecretMissing").orElseThrow().message())
        .isEqualTo(
            "https://api.example.org/v1/ needs the secret owm; run: dropserver secret set garden"
                + " owm");
    assertThat(server.status("garden").ready()).isTrue();
    secrets().set("garden", "owm", VALUE);
    assertThat(server.condition("garden", "SecretMissing")).isEmpty();
    secrets().remove("garden", "owm");
    assertThat(server.condition("garden", "SecretMissing")).isPresent();
  }

  @Test
  void setSecretsReachTheGatewayAlsoAfterARestart() throws Exception {
    secrets().set("garden", "owm", VALUE);
    assertThat(server.secrets.find("garden", "owm")).contains(VALUE);
    assertThat(server.secrets.find("other", "owm")).isEmpty();
    server.close();
    server = new TestServer(folder, source, store).start();
    assertThat(server.secrets.find("garden", "owm")).contains(VALUE);
    secrets().set("garden", "owm", VALUE + "-2");
    assertThat(server.secrets.find("garden", "owm")).contains(VALUE + "-2");
  }

  @Test
  void aSecretIsNotPassedToAnotherOwnerOrAppOfThatName() {
    secrets().set("garden", "owm", VALUE);
    repo.appspaceOf("garden", "hello", "1.0.0", "bob");
    source.push(repo.files());
    server.sync();
    assertThat(server.secrets.find("garden", "owm")).isEmpty();
    assertThat(state()).isEqualTo(SecretState.STALE);
    assertThat(server.condition("garden", "SecretMissing")).isPresent();
    secrets().set("garden", "owm", VALUE + "-of-his");
    assertThat(server.secrets.find("garden", "owm")).contains(VALUE + "-of-his");
  }

  @Test
  void theListContainsEverythingExceptValues() {
    assertThat(state()).isEqualTo(SecretState.MISSING);
    secrets().set("garden", "owm", VALUE);
    secrets().set("garden", "spare", VALUE);
    List<SecretStatus> list = secrets().secrets(Optional.empty());
    assertThat(list).extracting(SecretStatus::name).containsExactly("owm", "spare");
    assertThat(list.getFirst().usedBy()).containsExactly("https://api.example.org/v1/");
    assertThat(list.toString()).doesNotContain(VALUE);
    assertThat(server.reconciliation.view().events(100).toString()).doesNotContain(VALUE);
  }

  @Test
  void aLostKeyIsNamedAndASecretCanBeSetAgain() throws Exception {
    secrets().set("garden", "owm", VALUE);
    server.close();
    Files.delete(folder.resolve("secrets.key"));
    server = new TestServer(folder, source, store).start();
    assertThat(server.secrets.find("garden", "owm")).isEmpty();
    assertThat(state()).isEqualTo(SecretState.UNREADABLE);
    secrets().set("garden", "owm", VALUE);
    assertThat(state()).isEqualTo(SecretState.SET);
  }

  @Test
  void anInvalidSecretIsRefusedWithoutBeingRepeated() {
    for (String value : List.of("short", "x".repeat(4097), "line\r\nX-Evil: 1", "näive-secret")) {
      assertThatThrownBy(() -> secrets().set("garden", "owm", value))
          .isInstanceOf(ControlException.class)
          .hasMessageContaining("nothing was changed")
          .hasMessageNotContaining(value);
    }
    assertThatThrownBy(() -> secrets().set("garden", "a/b", VALUE)).hasMessageContaining("1 to 64");
    assertThatThrownBy(() -> secrets().set("nobody", "owm", VALUE))
        .hasMessageContaining("there is no appspace");
    assertThatThrownBy(() -> secrets().remove("garden", "owm"))
        .hasMessageContaining("has no secret");
  }
}
