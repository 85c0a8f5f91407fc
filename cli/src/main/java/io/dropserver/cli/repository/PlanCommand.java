package io.dropserver.cli.repository;

import io.dropserver.base.text.VisibleText;
import io.dropserver.cli.command.Context;
import io.dropserver.cli.command.HostOptions;
import io.dropserver.cli.command.StateOption;
import io.dropserver.cli.output.CommandException;
import io.dropserver.cli.output.ExitCode;
import io.dropserver.cli.output.OutputOption;
import io.dropserver.cli.output.Table;
import io.dropserver.cli.output.Table.Cell;
import io.dropserver.cli.output.Terminal;
import io.dropserver.cli.output.Terminal.Colour;
import io.dropserver.control.Membership;
import io.dropserver.reconciler.plan.ClaimedMembers;
import io.dropserver.reconciler.plan.Desired;
import io.dropserver.reconciler.plan.LastApplied;
import io.dropserver.reconciler.plan.LikelyRename;
import io.dropserver.reconciler.plan.LostPasskeys;
import io.dropserver.reconciler.plan.Plan;
import io.dropserver.reconciler.plan.Planner;
import io.dropserver.reconciler.plan.RevisionSnapshot;
import io.dropserver.reconciler.source.ConfigSource;
import io.dropserver.reconciler.source.GitSource;
import io.dropserver.reconciler.source.LocalRepo;
import io.dropserver.reconciler.source.PollResult;
import io.dropserver.reconciler.source.SourceException;
import io.dropserver.reconciler.status.EventLog;
import io.dropserver.reconciler.status.ObjectStates;
import io.dropserver.schema.host.HostConfig;
import io.dropserver.schema.host.HostConfig.Repo;
import io.dropserver.schema.instance.App;
import io.dropserver.schema.instance.Instance;
import io.dropserver.schema.instance.Kind;
import io.dropserver.schema.instance.Problem;
import io.dropserver.schema.read.InstanceReader;
import io.dropserver.schema.read.ReadOptions;
import io.dropserver.schema.read.ReadResult;
import io.dropserver.server.RepositoryAccess;
import io.dropserver.state.AtomicFiles;
import io.dropserver.state.StateDatabase;
import io.dropserver.state.StateFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "plan",
    aliases = "diff",
    description = "Show what a sync would change, without changing it.",
    footer = {
      "",
      "Exit code 0 if nothing would change, 2 if something would, 1 if the revision is not"
          + " valid.",
      "",
      "Without --repo and --config, plans the files of a folder as they are, committed or not.",
      "",
      "Example: the current folder, a repository, and between two commits",
      "  dropserver plan --state home-state",
      "  dropserver plan --repo home.git --state home-state",
      "  dropserver plan --repo home --base main --head HEAD"
    })
final class PlanCommand implements Callable<Integer> {
  private final Context context;
  @Mixin HostOptions host = new HostOptions();
  @Mixin StateOption state = new StateOption();
  @Mixin OutputOption output = new OutputOption();

  @Option(
      names = "--base",
      paramLabel = "REV",
      description = "With --head: plan from this commit, as if it were in service.")
  @Nullable String base;

  @Option(names = "--head", paramLabel = "REV", description = "Plan to this commit.")
  @Nullable String head;

  @Parameters(
      arity = "0..1",
      paramLabel = "PATH",
      description = "The folder to plan, without --repo and --config (default: the current one).")
  @Nullable Path place;

  PlanCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws IOException {
    if ((base == null) != (head == null)) {
      throw new CommandException(
          "--base and --head must be given together", "give both, or only --state");
    }
    if (base != null && head != null) {
      return print(between(base, head));
    }
    boolean configured = host.file != null || host.repository != null;
    if (configured && place != null) {
      throw new CommandException(
          "both a folder and a repository are named", "give PATH, or --repo or --config");
    }
    return print(configured ? ofNextSync() : ofFolder(place == null ? Path.of("") : place));
  }

  /** The plan for a push of a folder's files as they are. */
  private Outlook ofFolder(Path folder) throws IOException {
    StateFolder server =
        HostOptions.state(HostConfig.DEFAULT, state, context.terminal().environment());
    try (FolderCommit commit = FolderCommit.of(folder);
        LocalRepo repo = LocalRepo.open(commit.repository(), context.terminal().environment())) {
      return plan(server, repo, repo.snapshot(commit.id()), ReadOptions.WHOLE_REPOSITORY);
    }
  }

  /**
   * The plan, its likely renames, the passkeys that would stop working, and the members that
   * log-ins add to groups. The repository does not contain passkeys and log-ins, so the plan does
   * not list them.
   */
  private record Outlook(
      Plan plan,
      List<LikelyRename> renames,
      Optional<LostPasskeys> lost,
      List<Membership> claimed) {
    static Outlook of(LastApplied applied, Desired desired) {
      Plan plan = new Planner().plan(applied, desired);
      return new Outlook(plan, LikelyRename.of(plan, applied), Optional.empty(), List.of());
    }

    Outlook with(StateDatabase database, Instance instance, Instant now) {
      return new Outlook(
          plan,
          renames,
          LostPasskeys.of(plan, database),
          ClaimedMembers.of(instance, database, now));
    }
  }

  private Outlook between(String from, String to) throws IOException {
    Path place = Path.of(host.repository == null ? "." : host.repository);
    try (LocalRepo repo = LocalRepo.open(place, context.terminal().environment())) {
      ReadOptions options =
          host.file == null
              ? ReadOptions.WHOLE_REPOSITORY
              : HostOptions.reading(HostOptions.read(host.file));
      LastApplied applied = RevisionSnapshot.of(desired(repo, repo.snapshot(from), options));
      return Outlook.of(applied, desired(repo, repo.snapshot(to), options));
    }
  }

  private Outlook ofNextSync() throws IOException {
    HostConfig config = host.config();
    Repo remote = config.repo().orElseThrow();
    StateFolder folder = HostOptions.state(config, state, context.terminal().environment());
    if (Files.isDirectory(Path.of(remote.url()))) {
      try (LocalRepo repo =
          LocalRepo.open(Path.of(remote.url()), context.terminal().environment())) {
        return plan(
            folder,
            repo,
            repo.snapshot("refs/heads/" + remote.branch()),
            HostOptions.reading(config));
      }
    }
    return ofRemote(folder, remote, HostOptions.reading(config));
  }

  /**
   * Plans the remote's head. Fetches it into a temporary folder, because the server has exclusive
   * access to its local repository.
   */
  private Outlook ofRemote(StateFolder folder, Repo remote, ReadOptions options)
      throws IOException {
    Path temporary = Files.createTempDirectory("dropserver-plan");
    Path fetched = temporary.resolve("repo.git");
    try (GitSource source =
        new GitSource(RepositoryAccess.gitSettings(remote, fetched), context.clock())) {
      ConfigSource.Snapshot found = newest(source.poll(Optional.empty(), true));
      try (LocalRepo repo = LocalRepo.open(fetched, context.terminal().environment())) {
        return plan(folder, repo, found, options);
      }
    } finally {
      AtomicFiles.deleteTree(temporary);
    }
  }

  private static ConfigSource.Snapshot newest(PollResult result) {
    return switch (result) {
      case PollResult.Moved(var revision, var tree) -> new ConfigSource.Snapshot(revision, tree);
      case PollResult.Refused refused ->
          throw new CommandException(refused.message(), refused.remedy());
      case PollResult.Unreachable lost -> throw new CommandException(lost.message(), lost.remedy());
      case PollResult.Unchanged unchanged ->
          throw new IllegalStateException("nothing was fetched for " + unchanged.head());
    };
  }

  private Outlook plan(
      StateFolder folder, LocalRepo repo, ConfigSource.Snapshot found, ReadOptions options)
      throws IOException {
    Desired desired = desired(repo, found, options);
    if (!Files.exists(folder.database())) {
      return Outlook.of(RevisionSnapshot.NOTHING, desired);
    }
    try (StateDatabase database = StateDatabase.openReadOnly(folder.database())) {
      LastApplied applied = new ObjectStates(database, new EventLog(database, context.clock()));
      return Outlook.of(applied, desired)
          .with(database, desired.instance(), context.clock().instant());
    }
  }

  private Desired desired(LocalRepo repo, ConfigSource.Snapshot snapshot, ReadOptions options)
      throws IOException {
    ReadResult result = new InstanceReader().read(snapshot.tree(), options);
    String revision = snapshot.revision().id();
    return new Desired(
        result.instance().orElseThrow(() -> invalid(snapshot, result.problems())),
        appVersion -> contentId(repo, appVersion, revision));
  }

  private static Optional<String> contentId(
      LocalRepo repo, App.AppVersion appVersion, String revision) {
    try {
      return Optional.of(repo.contentId(appVersion, revision));
    } catch (SourceException e) {
      return Optional.empty();
    }
  }

  private static CommandException invalid(ConfigSource.Snapshot snapshot, List<Problem> problems) {
    return new CommandException(
        snapshot.revision().shortId()
            + " is not valid and would be refused:\n"
            + problems.stream().map(Problem::toString).collect(Collectors.joining("\n")),
        "fix these problems; until then the current revision stays in service");
  }

  private int print(Outlook outlook) {
    Terminal terminal = context.terminal();
    Plan plan = outlook.plan();
    Map<String, Object> json = new LinkedHashMap<>(plan.toJson());
    if (!outlook.renames().isEmpty()) {
      json.put("likelyRenames", outlook.renames());
    }
    outlook.lost().ifPresent(lost -> json.put("lostPasskeys", lost));
    if (!outlook.claimed().isEmpty()) {
      json.put("claimedMembers", outlook.claimed());
    }
    output.print(terminal, json, () -> printText(outlook));
    return plan.isEmpty() ? ExitCode.OK : ExitCode.DIFFERENCE;
  }

  private void printText(Outlook outlook) {
    printPlan(outlook);
    for (Membership member : outlook.claimed()) {
      context.print(
          "Group %s has the member %s from the claim of %s, until %s"
              .formatted(
                  member.group(),
                  member.user(),
                  member.issuer().orElse(""),
                  member.until().map(Instant::toString).orElse("")));
    }
  }

  private void printPlan(Outlook outlook) {
    Terminal terminal = context.terminal();
    Plan plan = outlook.plan();
    if (plan.isEmpty()) {
      terminal.out().println("nothing would change");
      return;
    }
    Table table = new Table("ACTION", "KIND", "NAME", "WHAT");
    plan.rows().forEach(row -> table.row(cells(row)));
    table.print(terminal);
    terminal.out().println(plan.summary());
    if (plan.changes().stream().anyMatch(change -> change.key().kind() == Kind.SECRET)) {
      terminal
          .out()
          .println("secrets: only their form was checked; the server decrypts them at the sync");
    }
    outlook.renames().forEach(pair -> context.print("warning: " + pair));
    outlook.lost().ifPresent(lost -> terminal.out().println(VisibleText.line(lost.toString())));
  }

  private static Cell[] cells(List<String> row) {
    Colour colour =
        switch (row.getFirst()) {
          case "create" -> Colour.GREEN;
          case "remove" -> Colour.RED;
          default -> Colour.YELLOW;
        };
    return new Cell[] {
      Cell.of(row.get(0), colour), Cell.of(row.get(1)), Cell.of(row.get(2)), Cell.of(row.get(3))
    };
  }
}
