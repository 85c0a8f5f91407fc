package io.dropserver.reconciler.cli;

import io.dropserver.schema.status.BackupOrder;
import io.dropserver.schema.status.BackupVerb;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "confirm",
    description = "Confirm what loses data of an appspace, and what waits for a person therefore.",
    footer = {
      "",
      "An earlier version that is declared again and cannot read what the later one wrote needs"
          + " the",
      "data of its own time. `dropserver get appspace garden` names the snapshot and its time; all",
      "that was written since then leaves the appspace, and is backed up before.",
      "",
      "Example:",
      "  dropserver confirm garden --restore 7df77bd5"
    })
final class ConfirmCommand implements Callable<Integer> {
  private final Context context;
  @Mixin StateOption state = new StateOption();
  @Mixin OutputOption output = new OutputOption();

  @Parameters(paramLabel = "APPSPACE", description = "Its name.")
  @SuppressWarnings("NullAway.Init") // required by picocli
  String appspace;

  @Option(
      names = "--restore",
      required = true,
      paramLabel = "SNAPSHOT",
      description = "The data to go back to.")
  @SuppressWarnings("NullAway.Init") // required by picocli
  String snapshot;

  ConfirmCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    BackupOrder order =
        new BackupOrder(
            BackupVerb.GO_BACK,
            Optional.of(appspace),
            Optional.of(snapshot),
            Optional.empty(),
            List.of());
    return BackupOperations.run(context, state, output, order);
  }
}
