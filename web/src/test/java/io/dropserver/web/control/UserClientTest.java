package io.dropserver.web.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dropserver.control.ControlException;
import io.dropserver.control.EndedAccess;
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
class UserClientTest {
  private final RecordedAudit audit = new RecordedAudit();
  private final FakeUsers users = new FakeUsers();
  private Path folder;
  private ControlServer server;
  private UserClient client;

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
            users,
            new FakeSecretControl(),
            new RecordedUpdates(),
            audit);
    client = new UserClient(folder);
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
    Files.delete(folder);
  }

  @Test
  void usersArriveWithTheirCredentialsAndSessions() {
    assertThat(client.users()).containsExactly(FakeUsers.ALICE);
  }

  @Test
  void requestsArriveUnchanged() {
    assertThat(client.enroll("alice", true)).endsWith("token=abc");
    assertThat(client.revoke("alice", Optional.of("1a&2b"))).isEqualTo(new EndedAccess(2, 1));
    assertThat(client.revoke("bob", Optional.empty())).isEqualTo(new EndedAccess(2, 1));
    assertThat(client.forget("alice", "a+b/c=")).isEqualTo(new EndedAccess(3, 0));
    assertThat(users.calls)
        .containsExactly(
            "enroll alice true", "revoke alice 1a&2b", "revoke bob all", "forget alice a+b/c=");
  }

  @Test
  void aRefusalIsReportedVerbatim() {
    assertThatThrownBy(() -> client.enroll("nobody", false))
        .isInstanceOf(ControlException.class)
        .hasMessage("there is no user \"nobody\"");
  }
}
