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
    description = "Confirm an operation that discards data of an appspace.",
    footer = {
      "",
      "An earlier version that cannot read the data of the later version needs data from its own",
      "time. `dropserver get appspace garden` names the snapshot and its time. Data that was",
      "written since then is first backed up, and then removed from the appspace.",
      "",
      "Example:",
      "  dropserver confirm garden --restore 7df77bd5"
    })
final class ConfirmCommand implements Callable<Integer> {
  private final Context context;
  @Mixin StateOption state = new StateOption();
  @Mixin OutputOption output = new OutputOption();

  @Parameters(paramLabel = "APPSPACE", description = "Name of the appspace.")
  @SuppressWarnings("NullAway.Init") // required by picocli
  String appspace;

  @Option(
      names = "--restore",
      required = true,
      paramLabel = "SNAPSHOT",
      description = "The snapshot to restore.")
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
