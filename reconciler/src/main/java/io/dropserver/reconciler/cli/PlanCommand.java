package io.dropserver.reconciler.cli;

import io.dropserver.reconciler.cli.Table.Cell;
import io.dropserver.reconciler.cli.Terminal.Colour;
import io.dropserver.reconciler.plan.Desired;
import io.dropserver.reconciler.plan.LostPasskeys;
import io.dropserver.reconciler.plan.Observed;
import io.dropserver.reconciler.plan.Plan;
import io.dropserver.reconciler.plan.Planner;
import io.dropserver.reconciler.plan.RevisionSnapshot;
import io.dropserver.reconciler.server.HostAccess;
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
import io.dropserver.schema.instance.Kind;
import io.dropserver.schema.instance.Problem;
import io.dropserver.schema.read.InstanceReader;
import io.dropserver.schema.read.ReadOptions;
import io.dropserver.schema.read.ReadResult;
import io.dropserver.schema.state.AtomicFiles;
import io.dropserver.schema.state.StateDatabase;
import io.dropserver.schema.state.StateFolder;
import io.dropserver.schema.text.VisibleText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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

@Command(
    name = "plan",
    description = "Show what a sync would change, without changing it.",
    footer = {
      "",
      "Exit code 0 if nothing would change, 2 if something would, 1 if the revision is not"
          + " valid.",
      "",
      "Example: against a server's state, and between two commits",
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

  PlanCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws IOException {
    if ((base == null) != (head == null)) {
      throw new CommandException(
          "--base and --head must be given together", "give both, or only --state");
    }
    return print(base != null && head != null ? between(base, head) : ofNextSync());
  }

  /**
   * The plan, and the passkeys that would stop working. The repository does not contain passkeys,
   * so the plan does not list them.
   */
  private record Outlook(Plan plan, Optional<LostPasskeys> lost) {
    static Outlook of(Plan plan) {
      return new Outlook(plan, Optional.empty());
    }
  }

  private Outlook between(String from, String to) throws IOException {
    Path place = Path.of(host.repository == null ? "." : host.repository);
    try (LocalRepo repo = LocalRepo.open(place, context.terminal().environment())) {
      ReadOptions options =
          host.file == null
              ? ReadOptions.WHOLE_REPOSITORY
              : HostOptions.reading(HostOptions.read(host.file));
      Observed observed = RevisionSnapshot.of(desired(repo, repo.snapshot(from), options));
      return Outlook.of(plan(observed, desired(repo, repo.snapshot(to), options)));
    }
  }

  private Outlook ofNextSync() throws IOException {
    HostConfig config = host.config();
    Repo remote = config.repo().orElseThrow();
    StateFolder folder = HostOptions.state(config, state, context.terminal().environment());
    if (Files.isDirectory(Path.of(remote.url()))) {
      try (LocalRepo repo =
          LocalRepo.open(Path.of(remote.url()), context.terminal().environment())) {
        return plan(folder, repo, repo.snapshot("refs/heads/" + remote.branch()));
      }
    }
    return ofRemote(folder, remote);
  }

  /**
   * Plans the remote's head. Fetches it into a temporary folder, because the server has exclusive
   * access to its local repository.
   */
  private Outlook ofRemote(StateFolder folder, Repo remote) throws IOException {
    Path temporary = Files.createTempDirectory("dropserver-plan");
    Path fetched = temporary.resolve("repo.git");
    try (GitSource source =
        new GitSource(HostAccess.gitSettings(remote, fetched), context.clock())) {
      ConfigSource.Snapshot found = newest(source.poll(Optional.empty(), true));
      try (LocalRepo repo = LocalRepo.open(fetched, context.terminal().environment())) {
        return plan(folder, repo, found);
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

  private Outlook plan(StateFolder folder, LocalRepo repo, ConfigSource.Snapshot found)
      throws IOException {
    Desired desired = desired(repo, found, HostOptions.reading(host.config()));
    if (!Files.exists(folder.database())) {
      return Outlook.of(plan(RevisionSnapshot.NOTHING, desired));
    }
    try (StateDatabase database = StateDatabase.openReadOnly(folder.database())) {
      Plan plan =
          plan(new ObjectStates(database, new EventLog(database, context.clock())), desired);
      return new Outlook(plan, LostPasskeys.of(plan, database));
    }
  }

  private static Plan plan(Observed observed, Desired desired) {
    return new Planner().plan(observed, desired);
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
    if (output.json()) {
      Map<String, Object> json = new LinkedHashMap<>(plan.toJson());
      outlook.lost().ifPresent(lost -> json.put("lostPasskeys", lost));
      Json.print(terminal, json);
    } else if (plan.isEmpty()) {
      terminal.out().println("nothing would change");
    } else {
      Table table = new Table("ACTION", "KIND", "NAME", "WHAT");
      plan.rows().forEach(row -> table.row(cells(row)));
      table.print(terminal);
      terminal.out().println(plan.summary());
      if (plan.changes().stream().anyMatch(change -> change.key().kind() == Kind.SECRET)) {
        terminal
            .out()
            .println("secrets: only their form was checked; the server decrypts them at the sync");
      }
      outlook.lost().ifPresent(lost -> terminal.out().println(VisibleText.line(lost.toString())));
    }
    return plan.isEmpty() ? ExitCode.OK : ExitCode.DIFFERENCE;
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
