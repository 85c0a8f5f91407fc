package io.dropserver.cli.app;

import io.dropserver.base.text.VisibleText;
import io.dropserver.cli.app.AddedSource.FromArchive;
import io.dropserver.cli.app.AddedSource.FromGit;
import io.dropserver.cli.app.AddedSource.FromNpm;
import io.dropserver.cli.command.ProgramHome;
import io.dropserver.cli.output.CommandException;
import io.dropserver.cli.repository.Checkout;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.app.InstallProgress;
import io.dropserver.schema.host.HostConfig.SandboxSettings;
import io.dropserver.schema.instance.App;
import io.dropserver.schema.instance.DropappManifest;
import io.dropserver.schema.read.ReadOptions;
import io.dropserver.server.trial.NpmTrial;
import io.dropserver.server.trial.SourceTrial;
import io.dropserver.server.trial.SourceTrial.Fetched;
import io.dropserver.state.condition.AppReason;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * Tries a source in a sandbox and decides which files of a checkout declare it. Changes no file.
 *
 * @param mustBeCommitted whether the files that are written must have no uncommitted changes
 */
record AppAddition(
    Checkout checkout,
    Request request,
    SandboxSettings settings,
    ReadOptions readOptions,
    boolean mustBeCommitted,
    InstallProgress progress) {

  /**
   * What a person asks for.
   *
   * @param name of the App; empty if the source decides
   * @param version of a source that has no manifest
   * @param entrypoint of a source that has no manifest
   * @param args of the program
   * @param subdir of a Git repository
   */
  record Request(
      AddedSource source,
      Optional<String> name,
      Optional<String> version,
      Optional<String> entrypoint,
      List<String> args,
      Optional<String> subdir) {}

  /**
   * The result.
   *
   * @param files the content of the lock file and the document, by path
   */
  record Added(
      AppEntry entry,
      DropappManifest manifest,
      int packages,
      long bytes,
      SequencedMap<String, String> files) {
    List<String> paths() {
      return List.copyOf(files.keySet());
    }

    /** Returns the name of the App and its version. */
    String title() {
      return entry.app() + " " + manifest.version();
    }
  }

  Added run() throws IOException {
    try {
      return switch (request.source()) {
        case FromNpm(PackageSpec spec) -> npm(spec);
        case FromGit(String url, String revision) ->
            other(new SourceTrial.GitOrigin(url, revision, request.subdir().orElse(".")));
        case FromArchive(var url) -> other(new SourceTrial.PackageOrigin(url));
      };
    } catch (SandboxException e) {
      throw new CommandException(
          String.valueOf(e.getMessage()),
          e.reason() == AppReason.SELF_CHECK_FAILED || e.reason() == AppReason.SELF_CHECK_TIMEOUT
              ? "no file was changed; if the program needs arguments, write them after --"
              : "no file was changed",
          e);
    }
  }

  private Added npm(PackageSpec spec) throws IOException {
    for (Optional<String> unused :
        List.of(request.version(), request.entrypoint(), request.subdir())) {
      if (unused.isPresent()) {
        throw new CommandException(
            "--app-version, --entrypoint and --subdir are not for packages from npm",
            "leave them out: the package has a version and a program");
      }
    }
    WantedVersion wanted = WantedVersion.npm(spec, request.args());
    AppEntry tried = entry(wanted);
    App.NpmSource source = (App.NpmSource) tried.declared().source();
    NpmTrial.Outcome outcome =
        NpmTrial.run(tried.app(), source, settings, ProgramHome.folder(), progress);
    AppEntry entry = unchanged(wanted, tried);
    return new Added(
        entry,
        source.manifest(),
        outcome.packages(),
        outcome.bytes(),
        files(entry, Optional.of(outcome.lock())));
  }

  private Added other(SourceTrial.Origin origin) throws IOException {
    SourceTrial trial =
        new SourceTrial(settings, ProgramHome.folder(), readOptions.localRepositories(), progress);
    String app = request.name().orElseGet(request.source()::appName);
    List<AppEntry> tried = new ArrayList<>();
    SourceTrial.Outcome outcome =
        trial.run(
            origin,
            app,
            fetched -> {
              AppEntry entry = entry(wanted(fetched, false));
              requireManifest(fetched, entry);
              tried.add(entry);
              return entry.declared();
            });
    WantedVersion unlocked = wanted(outcome.fetched(), false);
    AppEntry same = unchanged(unlocked, tried.getFirst());
    AppEntry entry = outcome.lock().isPresent() ? entry(wanted(outcome.fetched(), true)) : same;
    return new Added(
        entry,
        outcome.manifest(),
        outcome.packages(),
        outcome.bytes(),
        files(entry, outcome.lock()));
  }

  private WantedVersion wanted(Fetched fetched, boolean locked) {
    Optional<String> own = fetched.manifest().map(DropappManifest::version);
    boolean given = request.entrypoint().isPresent() || !request.args().isEmpty();
    if (own.isPresent() && (given || request.version().isPresent())) {
      throw new CommandException(
          "the source has a dropapp.json, which contains version, entrypoint and arguments",
          "leave out --app-version, --entrypoint and the arguments");
    }
    String version =
        own.or(request::version)
            .orElseThrow(
                () ->
                    new CommandException(
                        "the source has no dropapp.json, so its version is not known",
                        "add --app-version VERSION and --entrypoint FILE; for a folder of the"
                            + " repository, add --subdir"));
    return new WantedVersion(
        request.source().toString(),
        version,
        request.source().appName(),
        WantedVersion.fields(fetched.source()),
        locked,
        request.entrypoint(),
        request.args());
  }

  private static void requireManifest(Fetched fetched, AppEntry entry) {
    if (fetched.manifest().isEmpty() && entry.declared().additions().manifest().isEmpty()) {
      throw new CommandException(
          "the source has no dropapp.json, so its program is not known",
          "add --entrypoint FILE, a path in the source");
    }
  }

  /** Returns the entry, after checking that its files can be written. Changes no file. */
  private AppEntry entry(WantedVersion wanted) throws IOException {
    AppEntry entry = AppEntry.of(checkout.root(), wanted, request.name(), readOptions);
    List<String> paths = paths(entry);
    Optional<String> lock = entry.lock().map(App.LockFile::path);
    if (lock.isPresent()) {
      checkout.requireWritable(lock.get(), entry.document());
    } else {
      var _ = checkout.inside(entry.document());
    }
    if (mustBeCommitted) {
      checkout.requireCommitted(paths);
    }
    return entry;
  }

  private static List<String> paths(AppEntry entry) {
    List<String> paths = new ArrayList<>();
    entry.lock().ifPresent(lock -> paths.add(lock.path()));
    paths.add(entry.document());
    return paths;
  }

  private AppEntry unchanged(WantedVersion wanted, AppEntry tried) throws IOException {
    AppEntry entry = entry(wanted);
    if (!entry.matches(tried)) {
      throw new CommandException(
          VisibleText.line(tried.document())
              + " changed meanwhile, and no file was changed by this command",
          "run the command again");
    }
    return entry;
  }

  private static SequencedMap<String, String> files(AppEntry entry, Optional<String> lock) {
    SequencedMap<String, String> files = new LinkedHashMap<>();
    lock.ifPresent(text -> files.put(entry.lock().orElseThrow().path(), text));
    files.put(entry.document(), entry.text());
    return files;
  }
}
