package io.dropserver.cli.app;

import io.dropserver.cli.command.Context;
import io.dropserver.cli.command.HostOptions;
import io.dropserver.cli.output.CommandException;
import io.dropserver.cli.output.ExitCode;
import io.dropserver.cli.repository.BranchCommit;
import io.dropserver.cli.repository.Checkout;
import io.dropserver.cli.repository.GitProgram;
import io.dropserver.sandbox.app.InstallProgress;
import io.dropserver.sandbox.isolation.MountNamespace;
import io.dropserver.schema.host.HostConfig;
import io.dropserver.schema.host.HostConfig.IsolationLayer;
import io.dropserver.schema.host.HostConfig.SandboxSettings;
import io.dropserver.schema.read.ReadOptions;
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
      "Add an app to the instance repository in a folder, and commit it.",
      "The source is a package from npm, a branch, tag or commit of a Git repository, or a .tar.gz."
          + " In a sandbox, the dependencies are resolved and locked, the app is installed, and its"
          + " program is started. Prints what the app needs. Writes the entry of the App document,"
          + " with the version, commit or sha256, and a lock file if the source has none. For a"
          + " version that is already declared, only the lock file is written again."
    },
    footer = {
      "",
      "Needs no server. Arguments after -- are those of the program.",
      "",
      "Example: programs from npm without and with arguments, and apps from elsewhere",
      "  dropserver app add npm:http-server@14.1.1",
      "  dropserver app add npm:json-server@0.17.4 --name records -- db.json",
      "  dropserver app add git:https://forge.example.org/weather.git@v1.2.0",
      "  dropserver app add https://apps.example.org/weather-1.2.0.tar.gz",
      "Example: propose it instead",
      "  dropserver app add npm:http-server@14.1.1 --pull-request --config host.yaml"
    })
final class AppAddCommand implements Callable<Integer> {
  private final Context context;
  private final GitProgram git = new GitProgram();

  @Parameters(
      index = "0",
      paramLabel = "SOURCE",
      description = "npm:NAME@VERSION, git:URL@REVISION, or the https URL of a .tar.gz.")
  @SuppressWarnings("NullAway.Init") // required by picocli
  String spec;

  @Parameters(index = "1..*", paramLabel = "ARG", description = "Arguments of the program.")
  List<String> arguments = List.of();

  @Option(
      names = "--name",
      paramLabel = "APP",
      description = "Name of the App (default: like the source).")
  @Nullable String name;

  @Option(
      names = "--subdir",
      paramLabel = "FOLDER",
      description = "The app's folder in a Git repository (default: its root).")
  @Nullable String subdir;

  @Option(
      names = "--app-version",
      paramLabel = "VERSION",
      description = "The version of a source without a dropapp.json.")
  @Nullable String version;

  @Option(
      names = "--entrypoint",
      paramLabel = "FILE",
      description = "The program of a source without a dropapp.json.")
  @Nullable String entrypoint;

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      defaultValue = ".",
      description = "A checkout of the instance repository (default: the current folder).")
  Path folder = Path.of(".");

  @Option(names = "--no-commit", description = "Write the files, and do not commit them.")
  boolean uncommitted;

  @Option(
      names = "--branch",
      paramLabel = "BRANCH",
      description =
          "Commit to this branch and push it to origin; leave the files in the folder as they are.")
  @Nullable String branch;

  @Option(
      names = "--pull-request",
      description =
          "Like --branch, and open a pull request at the forge of repo.write (needs --config).")
  boolean pullRequest;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description =
          "The host configuration; its sandbox settings, apps.localRepositories and repo.write are"
              + " used.")
  @Nullable Path config;

  AppAddCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws IOException {
    MountNamespace.enterOwn();
    AppAddition.Request request =
        new AppAddition.Request(
            AddedSource.parse(spec),
            Optional.ofNullable(name),
            Optional.ofNullable(version),
            Optional.ofNullable(entrypoint),
            arguments,
            Optional.ofNullable(subdir));
    HostConfig host = config == null ? HostConfig.DEFAULT : HostOptions.read(config);
    Checkout checkout = new Checkout(root(), git);
    ReadOptions reading =
        ReadOptions.WHOLE_REPOSITORY.withLocalRepositories(host.apps().localRepositories());
    AppAddition addition =
        new AppAddition(
            checkout, request, settings(config), reading, !uncommitted, this::printStep);
    Optional<BranchProposal> proposal = proposal(checkout, host);
    AppAddition.Added added = addition.run();
    AppNeeds needs = new AppNeeds(context.terminal());
    needs.print(added);
    if (proposal.isPresent()) {
      proposal.get().send(added, "Add " + request.source(), needs.markdown(), context::print);
    } else {
      write(checkout, added, request.source());
    }
    return ExitCode.OK;
  }

  private Optional<BranchProposal> proposal(Checkout checkout, HostConfig host) {
    if (branch == null && !pullRequest) {
      return Optional.empty();
    }
    if (uncommitted) {
      throw new CommandException(
          "--no-commit cannot be combined with --branch and --pull-request", "leave one out");
    }
    return Optional.of(
        BranchProposal.of(
            new BranchCommit(checkout.root(), git),
            Optional.ofNullable(branch),
            pullRequest ? Optional.of(host) : Optional.empty(),
            context.clock()));
  }

  private void write(Checkout checkout, AppAddition.Added added, AddedSource source)
      throws IOException {
    for (var file : added.files().entrySet()) {
      checkout.write(file.getKey(), file.getValue());
    }
    context.terminal().out().println("wrote " + String.join(" and ", added.paths()));
    commit(checkout, added.paths(), source);
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

  private void commit(Checkout checkout, List<String> paths, AddedSource source) {
    if (uncommitted) {
      return;
    }
    context.print(
        checkout.commit(paths, "Add " + source)
            ? "committed; review the commit and push it"
            : "nothing changed: the repository contains the same entry and lock");
  }
}
