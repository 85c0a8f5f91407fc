package io.dropserver.reconciler.cli;

import io.dropserver.reconciler.server.NpmTrial;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.app.InstallProgress;
import io.dropserver.sandbox.isolation.MountNamespace;
import io.dropserver.schema.host.HostConfig;
import io.dropserver.schema.host.HostConfig.IsolationLayer;
import io.dropserver.schema.host.HostConfig.SandboxSettings;
import io.dropserver.schema.status.AppReason;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "add",
    description = {
      "Add a package from npm to the instance repository in a folder, and commit it.",
      "In a sandbox, the dependencies are resolved and locked, the package is installed, and its"
          + " program is started. Prints what the app needs. Writes the entry of the App document"
          + " and the lock file. For a version that is already declared, only the lock file is"
          + " written again."
    },
    footer = {
      "",
      "Needs no server. Arguments after -- are those of the program.",
      "",
      "Example: a program without arguments, and one with arguments",
      "  dropserver app add npm:http-server@14.1.1",
      "  dropserver app add npm:json-server@0.17.4 --name records -- db.json"
    })
final class AppAddCommand implements Callable<Integer> {
  private final Context context;
  private final GitProgram git = new GitProgram();

  @Parameters(index = "0", paramLabel = "npm:NAME@VERSION", description = "The package.")
  @SuppressWarnings("NullAway.Init") // required by picocli
  String spec;

  @Parameters(index = "1..*", paramLabel = "ARG", description = "Arguments of the program.")
  List<String> arguments = List.of();

  @Option(
      names = "--name",
      paramLabel = "APP",
      description = "Name of the App (default: like the package).")
  @Nullable String name;

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      defaultValue = ".",
      description = "A checkout of the instance repository (default: the current folder).")
  Path folder = Path.of(".");

  @Option(names = "--no-commit", description = "Write the files, and do not commit them.")
  boolean uncommitted;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "The host configuration; its sandbox settings are used.")
  @Nullable Path config;

  AppAddCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws IOException {
    MountNamespace.enterOwn();
    PackageSpec wanted = PackageSpec.parse(spec);
    Checkout checkout = new Checkout(root(), git);
    AppEntry tried = entry(checkout, wanted);
    NpmTrial.Outcome outcome = trial(tried);
    AppEntry entry = entry(checkout, wanted);
    if (!entry.matches(tried)) {
      throw new CommandException(
          tried.document() + " changed meanwhile, and no file was changed by this command",
          "run the command again");
    }
    String lock = lock(entry);
    checkout.write(lock, outcome.lock());
    checkout.write(entry.document(), entry.text());
    new AppNeeds(context.terminal()).print(entry, outcome);
    context.terminal().out().println("wrote " + lock + " and " + entry.document());
    commit(checkout, List.of(lock, entry.document()), wanted);
    return ExitCode.OK;
  }

  /** Returns the entry, after checking that its files can be written. Changes no file. */
  private AppEntry entry(Checkout checkout, PackageSpec wanted) throws IOException {
    AppEntry entry = AppEntry.of(checkout.root(), wanted, Optional.ofNullable(name), arguments);
    checkout.requireWritable(lock(entry), entry.document());
    if (!uncommitted) {
      checkout.requireCommitted(List.of(lock(entry), entry.document()));
    }
    return entry;
  }

  private static String lock(AppEntry entry) {
    return entry.source().lock().orElseThrow().path();
  }

  private NpmTrial.Outcome trial(AppEntry entry) throws IOException {
    try {
      return NpmTrial.run(
          entry.app(), entry.source(), settings(config), ProgramHome.folder(), this::printStep);
    } catch (SandboxException e) {
      throw new CommandException(
          String.valueOf(e.getMessage()),
          e.reason() == AppReason.SELF_CHECK_FAILED
              ? "no file was changed; if the program needs arguments, write them after --"
              : "no file was changed",
          e);
    }
  }

  private void printStep(InstallProgress.Step step) {
    if (context.terminal().interactive()) {
      context.terminal().err().println(step.name().toLowerCase(Locale.ROOT) + " …");
    }
  }

  /** Returns the top folder of the checkout, from which documents name their files. */
  private Path root() throws IOException {
    String top;
    try {
      top = git.run(folder, "rev-parse", "--show-toplevel");
    } catch (IOException e) {
      if (uncommitted) {
        return folder.toRealPath();
      }
      throw new CommandException(
          folder + " is not in a Git repository that can be used: " + e.getMessage(),
          "name a checkout of the instance repository with --dir, or add --no-commit",
          e);
    }
    return Path.of(top).toRealPath();
  }

  /** Without a configuration, the layers that only root can provide may be missing. */
  static SandboxSettings settings(@Nullable Path config) throws IOException {
    return config == null
        ? HostConfig.DEFAULT
            .sandbox()
            .withAllowWeaker(
                new TreeSet<>(
                    EnumSet.of(IsolationLayer.UID, IsolationLayer.CGROUP, IsolationLayer.STORAGE)))
        : HostOptions.read(config).sandbox();
  }

  private void commit(Checkout checkout, List<String> paths, PackageSpec wanted) {
    if (uncommitted) {
      return;
    }
    context.print(
        checkout.commit(paths, "Add " + wanted)
            ? "committed; review the commit and push it"
            : "nothing changed: the repository contains the same lock");
  }
}
