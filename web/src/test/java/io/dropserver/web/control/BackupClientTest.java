package io.dropserver.web.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dropserver.control.BackupOrder;
import io.dropserver.control.BackupOutcome;
import io.dropserver.control.BackupStep;
import io.dropserver.control.BackupVerb;
import io.dropserver.control.ControlException;
import io.dropserver.control.Erasure;
import io.dropserver.web.RecordedAudit;
import io.dropserver.web.RecordedUpdates;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Uses a real socket. */
class BackupClientTest {
  private final RecordedAudit audit = new RecordedAudit();
  private Path folder;
  private ControlServer server;
  private BackupClient client;

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
            new FakeSecretControl(),
            new RecordedUpdates(),
            audit);
    client = new BackupClient(folder);
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
    Files.delete(folder);
  }

  private static BackupOrder order(String appspace, String... only) {
    return new BackupOrder(
        BackupVerb.RESTORE,
        Optional.of(appspace),
        Optional.of("abcd"),
        Optional.empty(),
        List.of(only));
  }

  @Test
  void aRequestArrivesCompleteAndReportsItsSteps() {
    List<BackupStep> steps = new ArrayList<>();
    BackupOutcome outcome = client.run(order("garden", "a b", "c&d=ü"), steps::add);
    assertThat(outcome.message()).isEqualTo("a b|c&d=ü");
    assertThat(outcome.fields()).containsEntry("verb", "RESTORE");
    assertThat(steps).containsExactly(new BackupStep("garden", "copying", 50, 7, 1));
  }

  @Test
  void aRefusalIsReportedVerbatim() {
    assertThatThrownBy(() -> client.run(order("unknown"), step -> {}))
        .isInstanceOf(ControlException.class)
        .hasMessage("there is no appspace \"unknown\"");
  }

  @Test
  void anErasureArrivesCompleteAndNeedsATarget() {
    Erasure erasure = new Erasure(Optional.of("garden"), Optional.of("bob"), Optional.of("01"));
    assertThat(client.erase(erasure, step -> {}).message())
        .isEqualTo("of the data 01 of garden that belonged to bob");
    Erasure all = new Erasure(Optional.empty(), Optional.empty(), Optional.empty());
    assertThatThrownBy(() -> client.erase(all, step -> {}))
        .hasMessage("name an appspace, a user or the id of data to erase");
  }

  @Test
  void theKitAndTheListAreAnswered() {
    assertThat(client.recoveryKit().password()).isEqualTo("secret");
    assertThat(client.backups()).isEmpty();
  }
}
