package io.dropserver.reconciler.cli;

import io.dropserver.reconciler.server.NpmTrial;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.app.InstallProgress;
import io.dropserver.sandbox.isolation.MountNamespace;
import io.dropserver.schema.host.HostConfig;
import io.dropserver.schema.host.HostConfig.IsolationLayer;
import io.dropserver.schema.host.HostConfig.SandboxSettings;
import io.dropserver.schema.instance.App.LockFile;
import io.dropserver.schema.status.AppReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
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
    PackageSpec wanted = PackageSpec.parse(spec);
    Path root = root();
    AppEntry entry = AppEntry.of(root, wanted, Optional.ofNullable(name), arguments);
    LockFile lock = entry.source().lock().orElseThrow();
    Path lockFile = inside(root, lock.path());
    Path document = inside(root, entry.document());
    MountNamespace.enterOwn();
    NpmTrial.Outcome outcome = trial(entry);
    write(lockFile, outcome.lock());
    write(document, entry.text());
    new AppNeeds(context.terminal()).print(entry, outcome);
    context.terminal().out().println("wrote " + lock.path() + " and " + entry.document());
    commit(root, lock.path(), entry.document(), wanted);
    return ExitCode.OK;
  }

  private NpmTrial.Outcome trial(AppEntry entry) throws IOException {
    try {
      return NpmTrial.run(
          entry.app(), entry.source(), settings(), ProgramHome.folder(), this::printStep);
    } catch (SandboxException e) {
      throw new CommandException(
          String.valueOf(e.getMessage()),
          e.reason() == AppReason.SELF_CHECK_FAILED
              ? "no file was changed; if the program needs arguments, write them after --"
              : "no file was changed",
          e);
    }
  }

  /** With the modes of the user's other files. */
  private static void write(Path file, String content) throws IOException {
    Files.createDirectories(Objects.requireNonNull(file.getParent()));
    Files.writeString(file, content);
  }

  private void printStep(InstallProgress.Step step) {
    if (context.terminal().interactive()) {
      context.terminal().err().println(step.name().toLowerCase(Locale.ROOT) + " …");
    }
  }

  /** Returns the top folder of the checkout, from which documents name their files. */
  private Path root() throws IOException {
    Optional<String> top = git.tryRun(folder, "rev-parse", "--show-toplevel");
    if (top.isPresent()) {
      return Path.of(top.get()).toRealPath();
    }
    if (!uncommitted) {
      throw new CommandException(
          folder + " is not in a Git repository",
          "name a checkout of the instance repository with --dir, or add --no-commit");
    }
    return folder.toRealPath();
  }

  /** A checkout may contain links. */
  static Path inside(Path root, String path) throws IOException {
    Path file = root.resolve(path).normalize();
    Path existing = Objects.requireNonNull(file.getParent());
    while (!Files.exists(existing)) {
      existing = Objects.requireNonNull(existing.getParent());
    }
    if (!existing.toRealPath().startsWith(root) || Files.isSymbolicLink(file)) {
      throw new CommandException(
          path + " is behind a symbolic link", "replace the link with a folder");
    }
    return file;
  }

  /** Without a configuration, the layers that only root can provide may be missing. */
  private SandboxSettings settings() throws IOException {
    return config == null
        ? HostConfig.DEFAULT
            .sandbox()
            .withAllowWeaker(
                new TreeSet<>(
                    EnumSet.of(IsolationLayer.UID, IsolationLayer.CGROUP, IsolationLayer.STORAGE)))
        : HostOptions.read(config).sandbox();
  }

  private void commit(Path root, String lock, String document, PackageSpec wanted)
      throws IOException {
    if (uncommitted) {
      return;
    }
    git.run(root, "add", "--", lock, document);
    if (git.tryRun(root, "diff", "--cached", "--quiet", "--", lock, document).isPresent()) {
      context.terminal().out().println("nothing changed: the repository contains the same lock");
      return;
    }
    git.run(root, "commit", "--quiet", "--message", "Add " + wanted, "--", lock, document);
    context.terminal().out().println("committed; review the commit and push it");
  }
}
