package io.dropserver.cli.app;

import io.dropserver.base.text.VisibleText;
import io.dropserver.cli.command.Context;
import io.dropserver.cli.command.ProgramHome;
import io.dropserver.cli.output.CommandException;
import io.dropserver.cli.output.ExitCode;
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
      "Exit code 0 if the app can be installed, 1 if it cannot.",
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

  AppCheckCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws IOException {
    MountNamespace.enterOwn();
    AppFolder app = AppFolder.read(folder);
    app.inferred().forEach(context::print);
    Path temporary = Files.createTempDirectory("dropserver-check");
    try {
      Path archive = temporary.resolve("app.tar.gz");
      AppFolder.Packed packed = app.pack(Path.of(app.packageName()), archive);
      SecretFiles.warning(packed.secrets()).ifPresent(context.terminal().err()::println);
      Written written = packed.written();
      AppTrial.Outcome outcome = trial(app, archive, written);
      new AppNeeds(context.terminal()).print(outcome, written);
      Set<String> requested =
          app.manifest().browser().stream().map(it -> it.feature()).collect(Collectors.toSet());
      PageCheck.archive(archive, requested).forEach(line -> context.print(VisibleText.line(line)));
    } finally {
      AtomicFiles.deleteTree(temporary);
    }
    context.print("the app can be installed");
    return ExitCode.OK;
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
