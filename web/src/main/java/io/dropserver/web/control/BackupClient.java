package io.dropserver.web.control;

import io.dropserver.base.text.JsonText;
import io.dropserver.control.BackupControl;
import io.dropserver.control.BackupEntry;
import io.dropserver.control.BackupOrder;
import io.dropserver.control.BackupOutcome;
import io.dropserver.control.BackupStep;
import io.dropserver.control.ControlException;
import io.dropserver.control.Erasure;
import io.dropserver.control.RecoveryKit;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Stream;
import tools.jackson.core.type.TypeReference;

/**
 * Calls the backup routes of the server that runs with a state folder. Throws as {@link
 * ControlClient} does. Thread-safe.
 */
public final class BackupClient implements BackupControl {
  private final ControlClient client;

  public BackupClient(Path stateFolder) {
    this.client = new ControlClient(stateFolder);
  }

  @Override
  public List<BackupEntry> backups(Optional<String> repository) {
    String query = ControlClient.query(ControlClient.parameter("repository", repository));
    return client.call("GET", "/v1/backups" + query, new TypeReference<>() {});
  }

  @Override
  public RecoveryKit recoveryKit() {
    return client.call("POST", "/v1/backups/kit", new TypeReference<>() {});
  }

  @Override
  public BackupOutcome run(BackupOrder order, Consumer<BackupStep> progress) {
    Stream<String> parameters =
        Stream.of(
            ControlClient.parameter("verb", order.verb().toString()),
            ControlClient.parameter("appspace", order.appspace()),
            ControlClient.parameter("snapshot", order.snapshot()),
            ControlClient.parameter("path", order.path()),
            ControlClient.parameter("repository", order.repository()));
    Stream<String> only = order.only().stream().map(each -> ControlClient.parameter("only", each));
    String query = ControlClient.query(Stream.concat(parameters, only).toArray(String[]::new));
    return run("/v1/backups/run" + query, progress);
  }

  @Override
  public BackupOutcome erase(Erasure erasure, Consumer<BackupStep> progress) {
    String query =
        ControlClient.query(
            ControlClient.parameter("appspace", erasure.appspace()),
            ControlClient.parameter("owner", erasure.owner()),
            ControlClient.parameter("data", erasure.data()));
    return run("/v1/backups/erase" + query, progress);
  }

  private BackupOutcome run(String path, Consumer<BackupStep> progress) {
    AtomicReference<BackupRoutes.Line> last = new AtomicReference<>(BackupRoutes.Line.NONE);
    client.lines(
        "POST",
        path,
        text -> {
          BackupRoutes.Line line = JsonText.MAPPER.readValue(text, BackupRoutes.Line.class);
          line.step().ifPresent(progress);
          last.set(line);
        });
    last.get()
        .error()
        .ifPresent(
            error -> {
              throw new ControlException(error);
            });
    return last.get()
        .outcome()
        .orElseThrow(
            () ->
                new ControlException(
                    "the server ended during the operation, which leaves nothing half done; run"
                        + " `dropserver backup list`, then try again"));
  }
}
