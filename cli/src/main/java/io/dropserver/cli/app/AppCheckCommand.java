package io.dropserver.cli.app;

import io.dropserver.cli.command.Context;
import io.dropserver.cli.command.ProgramHome;
import io.dropserver.cli.output.CommandException;
import io.dropserver.cli.output.ExitCode;
import io.dropserver.cli.output.OutputOption;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.app.InstallProgress;
import io.dropserver.sandbox.app.PackageWriter.Written;
import io.dropserver.sandbox.isolation.MountNamespace;
import io.dropserver.server.trial.AppTrial;
import io.dropserver.state.AtomicFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "check",
    description = {
      "Report what an installation of an app would refuse, and what the app asks for.",
      "Packs the folder, and installs the package in a sandbox: checks the manifest, files, lock"
          + " file, imports and native addons, and starts the app. Prints its size, its cold start"
          + " and its suggested destinations and permissions, and what the browser policy blocks in"
          + " its HTML files."
    },
    footer = {
      "",
      "Needs no server and no instance repository. Files that Git ignores are left out.",
      "Exit code 0 if the app can be installed and answers GET / with less than 500, otherwise 1.",
      "",
      "Example:",
      "  dropserver app check notes"
    })
final class AppCheckCommand implements Callable<Integer> {
  private final Context context;

  @Parameters(
      arity = "0..1",
      paramLabel = "DIR",
      defaultValue = ".",
      description = "The app's folder (default: the current folder).")
  Path folder = Path.of(".");

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "The host configuration; its sandbox settings are used.")
  @Nullable Path config;

  @Mixin OutputOption output = new OutputOption();

  AppCheckCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws IOException {
    MountNamespace.enterOwn();
    AppReport report;
    try {
      report = check();
    } catch (CommandException e) {
      if (!output.structured()) {
        throw e;
      }
      report = AppReport.refused(e);
    }
    AppReport result = report;
    output.print(context.terminal(), result, () -> print(result));
    return result.installable() ? ExitCode.OK : ExitCode.ERROR;
  }

  private AppReport check() throws IOException {
    AppFolder app = AppFolder.read(folder);
    app.inferred()
        .forEach(output.structured() ? context.terminal().err()::println : context::print);
    Path temporary = Files.createTempDirectory("dropserver-check");
    try {
      Path archive = temporary.resolve("app.tar.gz");
      AppFolder.Packed packed = app.pack(Path.of(app.packageName()), archive);
      SecretFiles.warning(packed.secrets()).ifPresent(context.terminal().err()::println);
      Written written = packed.written();
      AppTrial.Outcome outcome = trial(app, archive, written);
      Set<String> requested =
          app.manifest().browser().stream().map(it -> it.feature()).collect(Collectors.toSet());
      return AppReport.of(outcome, written, PageCheck.archive(archive, requested));
    } finally {
      AtomicFiles.deleteTree(temporary);
    }
  }

  private void print(AppReport report) {
    report.app().ifPresent(new AppNeeds(context.terminal())::print);
    report.findings().forEach(finding -> context.print(finding.text()));
    if (report.omittedFindings() > 0) {
      context.print("%d more findings are not shown".formatted(report.omittedFindings()));
    }
    if (report.installable()) {
      context.print("the app can be installed");
    } else {
      context.terminal().err().println("error: the app answers GET / with an error");
    }
  }

  private AppTrial.Outcome trial(AppFolder app, Path archive, Written written) throws IOException {
    try {
      return AppTrial.run(
          app.manifest(),
          archive,
          written.sha256(),
          AppAddCommand.settings(config),
          ProgramHome.folder(),
          this::printStep);
    } catch (SandboxException e) {
      throw new CommandException(
          String.valueOf(e.getMessage()), "docs/apps/apps.md explains what an app may contain", e);
    }
  }

  private void printStep(InstallProgress.Step step) {
    if (context.terminal().interactive()) {
      context
          .terminal()
          .err()
          .println(step.name().toLowerCase(Locale.ROOT).replace('_', '-') + " …");
    }
  }
}
