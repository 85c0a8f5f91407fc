package io.dropserver.cli.repository;

import io.dropserver.base.text.VisibleText;
import io.dropserver.cli.command.Context;
import io.dropserver.cli.command.HostOptions;
import io.dropserver.cli.output.ExitCode;
import io.dropserver.cli.output.Terminal;
import io.dropserver.reconciler.plan.Desired;
import io.dropserver.reconciler.plan.LikelyRename;
import io.dropserver.reconciler.source.LocalRepo;
import io.dropserver.reconciler.source.SourceException;
import io.dropserver.schema.instance.FolderTree;
import io.dropserver.schema.instance.Instance;
import io.dropserver.schema.instance.Problem;
import io.dropserver.schema.instance.ProblemReport;
import io.dropserver.schema.instance.SourceTree;
import io.dropserver.schema.read.InstanceReader;
import io.dropserver.schema.read.ReadOptions;
import io.dropserver.schema.read.ReadResult;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "validate",
    description =
        "List every problem of an instance repository, as file:line:column: error: message.",
    footer = {
      "",
      "Files that Git ignores, such as node_modules/, are skipped.",
      "Exit code 0 if it is valid, 1 if it is not.",
      "",
      "Example: the current folder, another folder as JSON, and a commit",
      "  dropserver validate",
      "  dropserver validate home -o json",
      "  dropserver validate --repo home.git --rev main"
    })
final class ValidateCommand implements Callable<Integer> {
  private final Context context;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "table|json|sarif",
      defaultValue = "table",
      description = "Output format; forges show SARIF at the affected line.")
  Format format = Format.table;

  @Parameters(
      arity = "0..1",
      paramLabel = "PATH",
      defaultValue = ".",
      description = "The folder to validate (default: the current folder).")
  Path folder = Path.of(".");

  @Option(
      names = "--path",
      paramLabel = "FOLDER",
      description = "Read only this folder of the repository; repeatable.")
  List<String> paths = List.of();

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "The host configuration; its repo.paths and apps.localRepositories are used.")
  @Nullable Path config;

  @Option(
      names = "--repo",
      paramLabel = "REPO",
      description = "With --rev: a repository on this machine, bare or not.")
  @Nullable Path repository;

  @Option(
      names = "--rev",
      paramLabel = "SHA",
      description = "Validate this commit instead of the files in the folder.")
  @Nullable String revision;

  ValidateCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws IOException {
    ReadResult result = revision == null ? readFolder() : readRevision(revision);
    switch (format) {
      case table -> {
        print(result);
        result.instance().ifPresent(this::printLikelyRenames);
      }
      case json -> context.terminal().out().print(ProblemReport.json(result.problems()));
      case sarif -> context.terminal().out().print(ProblemReport.sarif(result.problems()));
    }
    return result.valid() ? ExitCode.OK : ExitCode.ERROR;
  }

  private ReadResult readFolder() throws IOException {
    Set<String> ignored = new GitProgram().ignored(folder);
    return read(FolderTree.of(folder, ignored::contains));
  }

  private ReadResult readRevision(String wanted) throws IOException {
    Path place = repository == null ? folder : repository;
    try (LocalRepo repo = LocalRepo.open(place, context.terminal().environment())) {
      return read(repo.tree(wanted));
    }
  }

  private ReadResult read(SourceTree tree) throws IOException {
    return new InstanceReader().read(tree, options());
  }

  private ReadOptions options() throws IOException {
    if (config == null) {
      return ReadOptions.of(paths);
    }
    ReadOptions configured = HostOptions.reading(HostOptions.read(config));
    return paths.isEmpty()
        ? configured
        : ReadOptions.of(paths).withLocalRepositories(configured.localRepositories());
  }

  private void print(ReadResult result) {
    Terminal terminal = context.terminal();
    for (Problem problem : result.problems()) {
      terminal.out().println(VisibleText.line(problem.toString()));
    }
    result.instance().ifPresent(instance -> terminal.out().println(summary(instance)));
    if (!result.valid()) {
      terminal.err().println(count(result.problems().size(), "problem"));
    }
  }

  /**
   * Warns of appspaces that a commit would rename without their data: compares with the branch that
   * a push would change, or with the commit before.
   */
  private void printLikelyRenames(Instance instance) {
    for (String earlier :
        revision == null
            ? List.of("@{upstream}", "HEAD")
            : List.of("HEAD", "@{upstream}", revision + "^")) {
      List<LikelyRename> renames =
          earlier(earlier)
              .map(before -> LikelyRename.between(desired(before), desired(instance)))
              .orElse(List.of());
      if (!renames.isEmpty()) {
        renames.forEach(pair -> context.print("warning: " + pair));
        return;
      }
    }
  }

  /** Returns the instance of a revision; empty without Git, such a commit or a valid instance. */
  private Optional<Instance> earlier(String wanted) {
    Path place = repository == null ? folder : repository;
    try (LocalRepo repo = LocalRepo.open(place, context.terminal().environment())) {
      return read(repo.tree(wanted)).instance();
    } catch (SourceException | IOException e) {
      return Optional.empty();
    }
  }

  /** Contents do not matter for renames. */
  private static Desired desired(Instance instance) {
    return new Desired(instance, appVersion -> Optional.empty());
  }

  private static String summary(Instance instance) {
    String secrets =
        instance.secrets().isEmpty()
            ? ""
            : ", "
                + count(instance.secrets().size(), "secret document")
                + " (their form; only the server can decrypt them)";
    return "valid: %s, %s, %s, %s%s"
        .formatted(
            count(instance.users().size(), "user"),
            count(instance.apps().size(), "app"),
            count(instance.appspaces().size(), "appspace"),
            count(instance.whitelists().size(), "whitelist"),
            secrets);
  }

  private static String count(int number, String noun) {
    return number + " " + (number == 1 ? noun : noun + "s");
  }

  /** Lower case, because these are the values on the command line. */
  enum Format {
    table,
    json,
    sarif
  }
}
