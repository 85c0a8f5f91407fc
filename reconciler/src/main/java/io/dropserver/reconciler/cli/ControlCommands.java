package io.dropserver.reconciler.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Commands that each send one request to the server. */
final class ControlCommands {
  private ControlCommands() {}

  @Command(
      name = "suspend",
      description = "Stop following the repository; the current revision stays in service.",
      footer = {"", "Example:", "  dropserver suspend"})
  static final class Suspend implements Callable<Integer> {
    private final Context context;
    @Mixin StateOption state = new StateOption();

    Suspend(Context context) {
      this.context = context;
    }

    @Override
    public Integer call() {
      context.server(state).control().suspend();
      context.print("suspended: pushes have no effect until `dropserver resume`");
      return ExitCode.OK;
    }
  }

  @Command(
      name = "resume",
      description = "Resume following the repository.",
      footer = {"", "Example:", "  dropserver resume"})
  static final class Resume implements Callable<Integer> {
    private final Context context;
    @Mixin StateOption state = new StateOption();

    Resume(Context context) {
      this.context = context;
    }

    @Override
    public Integer call() {
      context.server(state).control().resume();
      context.print("resumed");
      return ExitCode.OK;
    }
  }

  @Command(
      name = "retry",
      description = {
        "Retry one object now, without waiting for its backoff.",
        "Of an app or an appspace, versions that could not be installed are installed again."
      },
      footer = {
        "",
        "Examples: one appspace, and all failed appspaces of an app",
        "  dropserver retry appspace/notes",
        "  dropserver retry app/board"
      })
  static final class Retry implements Callable<Integer> {
    private final Context context;
    @Mixin StateOption state = new StateOption();

    @Parameters(paramLabel = "KIND/NAME", description = "The object, such as appspace/notes.")
    @SuppressWarnings("NullAway.Init") // required by picocli
    String object;

    Retry(Context context) {
      this.context = context;
    }

    @Override
    public Integer call() {
      int slash = object.indexOf('/');
      if (slash < 0) {
        throw new CommandException(
            object + " is not the name of an object",
            "write kind and name, such as appspace/notes");
      }
      String kind = KindName.parse(object.substring(0, slash)).text();
      String name = object.substring(slash + 1);
      context.server(state).control().retry(kind, name);
      context.print("retrying " + kind + "/" + name);
      return ExitCode.OK;
    }
  }

  @Command(
      name = "pause",
      description = {
        "Pause an appspace on this machine, regardless of its state in Git.",
        "Use it if Git is not available; otherwise write `state: paused` in its document."
      },
      footer = {"", "Example:", "  dropserver pause notes"})
  static final class Pause implements Callable<Integer> {
    private final Context context;
    @Mixin StateOption state = new StateOption();

    @Parameters(paramLabel = "APPSPACE", description = "Name of the appspace.")
    @SuppressWarnings("NullAway.Init") // required by picocli
    String appspace;

    Pause(Context context) {
      this.context = context;
    }

    @Override
    public Integer call() {
      context.server(state).control().pause(appspace);
      context.print("paused on this machine until `dropserver unpause " + appspace + "`");
      return ExitCode.OK;
    }
  }

  @Command(
      name = "unpause",
      description = "End the pause of `dropserver pause`.",
      footer = {"", "Example:", "  dropserver unpause notes"})
  static final class Unpause implements Callable<Integer> {
    private final Context context;
    @Mixin StateOption state = new StateOption();

    @Parameters(paramLabel = "APPSPACE", description = "Name of the appspace.")
    @SuppressWarnings("NullAway.Init") // required by picocli
    String appspace;

    Unpause(Context context) {
      this.context = context;
    }

    @Override
    public Integer call() {
      context.server(state).control().unpause(appspace);
      context.print("no longer paused on this machine; its state in Git applies");
      return ExitCode.OK;
    }
  }
}
