package io.dropserver.cli.app;

import io.dropserver.cli.output.CommandException;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.app.PackageWriter;
import io.dropserver.schema.instance.AppJob;
import io.dropserver.schema.instance.DropappManifest;
import io.dropserver.server.trial.AppTrial;
import io.dropserver.state.condition.AppReason;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The result of {@code app check}: the model of its text, JSON and YAML.
 *
 * @param installable whether the app can be installed, and answers {@code GET /} without an error
 * @param app empty if the installation was refused
 * @param findings in the order of the files in the package
 * @param omittedFindings the number of findings beyond the bound of {@link Findings}
 */
record AppReport(
    boolean installable, Optional<Tried> app, List<Finding> findings, int omittedFindings) {

  /**
   * An app that was installed for trial.
   *
   * @param packageBytes of the compressed package
   * @param installedBytes of dependencies and caches
   * @param rootStatus of the answer to {@code GET /}
   */
  record Tried(
      String name,
      String version,
      String entrypoint,
      String runtime,
      int files,
      long packageBytes,
      long installedBytes,
      long coldStartMillis,
      Optional<Integer> rootStatus,
      Requests requests) {}

  /** What an app asks for. */
  record Requests(
      List<String> arguments,
      List<DropappManifest.SuggestedEgress> egress,
      List<DropappManifest.BrowserRequest> browser,
      List<DropappManifest.Permission> permissions,
      List<Job> jobs) {

    record Job(String name, String schedule, String path) {
      private static Job of(AppJob job) {
        return new Job(job.name(), job.schedule(), job.path());
      }
    }

    static Requests of(DropappManifest manifest) {
      return new Requests(
          manifest.launchOptions().args(),
          manifest.egress(),
          manifest.browser(),
          manifest.permissions(),
          manifest.jobs().stream().map(Job::of).toList());
    }
  }

  static AppReport of(AppTrial.Outcome outcome, PackageWriter.Written written, Findings findings) {
    DropappManifest manifest = outcome.app().manifest();
    Tried tried =
        new Tried(
            manifest.name(),
            manifest.version(),
            manifest.entrypoint(),
            outcome.app().runtime().name().toLowerCase(Locale.ROOT),
            written.files(),
            written.bytes(),
            outcome.bytes(),
            outcome.coldStart().toMillis(),
            outcome.answer().map(AppTrial.Answer::status),
            Requests.of(manifest));
    Optional<Finding> failure =
        outcome.answer().filter(answer -> answer.status() >= 500).map(AppReport::failure);
    List<Finding> all = Stream.concat(failure.stream(), findings.list().stream()).toList();
    return new AppReport(failure.isEmpty(), Optional.of(tried), all, findings.omitted());
  }

  private static Finding failure(AppTrial.Answer answer) {
    String output = answer.output().isEmpty() ? "" : "\n" + answer.output();
    return Finding.failure(
        "RootFailed",
        "GET / answered " + answer.status() + output,
        "answer GET / below 500 also without network, config and data");
  }

  /**
   * Returns the report of a refused installation.
   *
   * @throws CommandException the argument, if the app is not its cause
   */
  static AppReport refused(CommandException refusal) {
    List<Finding> findings =
        switch (refusal.getCause()) {
          case InvalidManifestException manifest ->
              manifest.problems().stream().map(Finding::of).toList();
          case SandboxException e when e.reason() instanceof AppReason ->
              List.of(Finding.of(e, refusal.remedy()));
          case null, default -> throw refusal;
        };
    return new AppReport(false, Optional.empty(), findings, 0);
  }
}
