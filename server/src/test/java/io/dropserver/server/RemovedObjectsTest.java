package io.dropserver.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.control.SyncResult;
import io.dropserver.state.condition.Event;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RemovedObjectsTest {
  @TempDir Path folder;
  private final FakeSource source = new FakeSource();
  private final SampleRepo repo = new SampleRepo();
  private TestServer server;

  @BeforeEach
  void serveTwoAppspaces() throws Exception {
    source.push(repo.appspace("garden").appspace("notes").files());
    server = new TestServer(folder, source, new TestServer.Store(source)).start();
    server.sync();
  }

  @AfterEach
  void close() {
    server.close();
  }

  private SyncResult push() {
    source.push(repo.files());
    return server.sync();
  }

  private String lastEventOf(String appspace) {
    return server.reconciliation.view().events(50).stream()
        .filter(event -> event.name().equals(appspace))
        .map(Event::message)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void theEventOfARemovedAppspaceTellsWhetherItHadData() {
    server.use("notes");
    repo.remove("appspaces/notes.yaml");
    push();
    assertThat(lastEventOf("notes")).contains("its data is retained");

    repo.appspace("last").remove("appspaces/garden.yaml");
    push();
    assertThat(lastEventOf("garden")).contains("it had no data").doesNotContain("retained");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\n \n"})
  void aFileThatWasTruncatedIsRefusedUntilItIsAccepted(String content) {
    repo.raw("appspaces/notes.yaml", content);
    SyncResult result = push();
    assertThat(result.served()).isFalse();
    assertThat(result.message())
        .contains("appspaces/notes.yaml:1:1", "Appspace/notes", "sync --accept");
    assertThat(server.hasSite("notes")).isTrue();

    String head = result.revision().orElseThrow();
    assertThat(
            server
                .reconciliation
                .control()
                .sync(Optional.of(head), Optional.of(Duration.ofSeconds(30)))
                .served())
        .isTrue();
    assertThat(server.hasSite("notes")).isFalse();
  }

  @Test
  void aTruncatedUserIsRefusedToo() {
    repo.raw("users/bob.yaml", "");
    assertThat(push().message()).contains("users/bob.yaml:1:1", "User/bob");
  }

  @Test
  void anObjectThatMovedOrAFileThatWasDeletedIsServed() {
    String notes = repo.files().getOrDefault("appspaces/notes.yaml", "");
    repo.raw("appspaces/notes.yaml", "").raw("appspaces/moved.yaml", notes);
    assertThat(push().served()).isTrue();
    repo.remove("appspaces/moved.yaml");
    assertThat(push().served()).isTrue();
    assertThat(server.hasSite("notes")).isFalse();
  }
}
