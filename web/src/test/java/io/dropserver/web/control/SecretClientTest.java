package io.dropserver.web.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dropserver.control.ControlException;
import io.dropserver.control.SecretStatus;
import io.dropserver.web.RecordedAudit;
import io.dropserver.web.RecordedUpdates;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Uses a real socket. */
class SecretClientTest {
  private final RecordedAudit audit = new RecordedAudit();
  private final FakeSecretControl secrets = new FakeSecretControl();
  private Path folder;
  private ControlServer server;
  private SecretClient client;

  @BeforeEach
  void start() throws IOException {
    folder = Files.createTempDirectory("ctl");
    FakeInstance instance = new FakeInstance();
    server =
        ControlServer.start(
            folder,
            instance,
            instance,
            new FakeBackups(),
            new FakeUsers(),
            secrets,
            new RecordedUpdates(),
            audit);
    client = new SecretClient(folder);
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
    Files.delete(folder);
  }

  @Test
  void aValueArrivesUnchangedAndIsNotReturned() {
    client.set("garden", "owm", "a b&c=ü%0A");
    assertThat(secrets.values).containsEntry("garden/owm", "a b&c=ü%0A");
    assertThat(client.secrets(Optional.of("garden")))
        .singleElement()
        .satisfies(
            secret -> {
              assertThat(secret.name()).isEqualTo("owm");
              assertThat(secret.usedBy()).containsExactly("https://a/");
            });
    assertThat(client.secrets(Optional.of("other"))).isEmpty();
    client.remove("garden", "owm");
    assertThat(client.secrets(Optional.empty())).extracting(SecretStatus::name).isEmpty();
  }

  @Test
  void aRefusalIsReportedVerbatim() {
    assertThatThrownBy(() -> client.remove("garden", "owm"))
        .isInstanceOf(ControlException.class)
        .hasMessage("there is none");
    assertThatThrownBy(() -> client.set("garden", "owm", "x".repeat(5_000)))
        .hasMessageContaining("too long");
  }
}
