package io.dropserver.cli.doctor;

import io.dropserver.base.text.VisibleText;
import io.dropserver.cli.command.Context;
import io.dropserver.cli.command.HostOptions;
import io.dropserver.cli.command.ProgramHome;
import io.dropserver.cli.command.StateOption;
import io.dropserver.cli.output.ExitCode;
import io.dropserver.cli.output.OutputOption;
import io.dropserver.cli.output.Terminal;
import io.dropserver.cli.output.Terminal.Colour;
import io.dropserver.sandbox.isolation.MountNamespace;
import io.dropserver.schema.host.HostConfig;
import io.dropserver.server.trial.IsolationTrial;
import io.dropserver.server.trial.ProviderTrial;
import io.dropserver.server.trial.RepositoryTrial;
import io.dropserver.state.StateFolder;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Checks what a server needs on this machine. */
@Command(
    name = "doctor",
    description =
        "Check what a server needs on this machine: whether it is present, why, and how to install"
            + " it.",
    footer = {
      "",
      "Needs no server and no state; run it as the user that the server is to run as. If a server",
      "runs with the state folder, the layers are those that it provides. Exit code 0",
      "if nothing required is missing, else 1. A layer of isolation is required unless",
      "the configuration accepts that it is missing. If a state folder exists, doctor also"
          + " checks",
      "that other users of the machine cannot read it.",
      "",
      "Example: this machine, and this machine with the server's configuration",
      "  dropserver doctor",
      "  dropserver doctor --config /etc/dropserver/dropserver.yaml -o json"
    })
public final class DoctorCommand implements Callable<Integer> {
  private final Context context;
  @Mixin OutputOption output = new OutputOption();
  @Mixin StateOption state = new StateOption();

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description =
          "The host configuration. Also tries the repository, the forge, the log-in providers and"
              + " the name server that it names, and lists what it permits.")
  @Nullable Path file;

  public DoctorCommand(Context context) {
    this.context = context;
  }

  /**
   * @param profile {@code system} or {@code user}
   * @param ready whether all required checks passed
   */
  record Report(String profile, boolean ready, List<DoctorCheck> checks, List<String> openings) {}

  @Override
  public Integer call() throws IOException {
    MountNamespace.enterOwn();
    HostConfig config = file == null ? HostConfig.DEFAULT : HostOptions.read(file);
    StateFolder folder = HostOptions.state(config, state, context.terminal().environment());
    List<DoctorCheck> checks =
        new ArrayList<>(
            new Doctor(
                    config.sandbox(),
                    ProgramHome.folder(),
                    folder,
                    context.connector().apply(folder.root()))
                .checks());
    ClassCaches.ofProgram().map(ClassCaches::check).ifPresent(checks::add);
    config.repo().flatMap(PublicRepository::check).ifPresent(checks::add);
    checks.addAll(RepositoryChecks.of(new RepositoryTrial(config, context.clock()).run()));
    checks.addAll(RepositoryChecks.of(new ProviderTrial(config, context.clock()).run()));
    Report report =
        new Report(
            IsolationTrial.isSystemProfile() ? "system" : "user",
            checks.stream()
                .noneMatch(doctorCheck -> doctorCheck.required() && !doctorCheck.present()),
            checks,
            file == null ? List.of() : ExposureReport.of(config));
    output.print(context.terminal(), report, () -> print(report));
    return report.ready() ? ExitCode.OK : ExitCode.ERROR;
  }

  private void print(Report report) {
    PrintStream out = context.terminal().out();
    out.println(
        report.profile().equals("system")
            ? "system profile: root, with a separate host user for each appspace"
            : "user profile: one host user for all. Namespaces, the system call filter and Deno"
                + " isolate apps;\nwhat root adds (a user for each appspace, limits if no cgroup is"
                + " delegated) is missing.");
    report.checks().forEach(doctorCheck -> print(out, doctorCheck));
    if (!report.openings().isEmpty()) {
      out.println();
      out.println("The configuration permits:");
      report.openings().forEach(text -> out.println("  " + VisibleText.line(text)));
    }
    out.println();
    out.println(
        report.ready()
            ? "Nothing required is missing."
            : "Something required is missing; the lines marked ✗ name it.");
  }

  private void print(PrintStream out, DoctorCheck doctorCheck) {
    Terminal terminal = context.terminal();
    String mark =
        doctorCheck.present()
            ? terminal.paint(Colour.GREEN, "✓")
            : terminal.paint(doctorCheck.required() ? Colour.RED : Colour.YELLOW, "✗");
    out.println(mark + " " + VisibleText.line(doctorCheck.name() + ": " + doctorCheck.detail()));
    out.println(terminal.paint(Colour.FAINT, "    " + VisibleText.line(doctorCheck.why())));
    if (!doctorCheck.present()) {
      out.println("    → " + VisibleText.line(doctorCheck.remedy()));
    }
  }
}
