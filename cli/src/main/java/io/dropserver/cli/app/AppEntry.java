package io.dropserver.cli.app;

import io.dropserver.base.text.DnsLabel;
import io.dropserver.base.text.VisibleText;
import io.dropserver.cli.output.CommandException;
import io.dropserver.cli.repository.GitProgram;
import io.dropserver.reconciler.edit.AppEditor;
import io.dropserver.reconciler.edit.AppEditor.NewVersion;
import io.dropserver.reconciler.edit.WhitelistEditor.EditRefused;
import io.dropserver.reconciler.edit.WhitelistEditor.EditResult;
import io.dropserver.reconciler.edit.WhitelistEditor.Edited;
import io.dropserver.reconciler.source.EditedTree;
import io.dropserver.schema.instance.App;
import io.dropserver.schema.instance.App.AppVersion;
import io.dropserver.schema.instance.App.EntryManifest;
import io.dropserver.schema.instance.App.LockFile;
import io.dropserver.schema.instance.App.NpmSource;
import io.dropserver.schema.instance.FolderTree;
import io.dropserver.schema.instance.Instance;
import io.dropserver.schema.instance.Problem;
import io.dropserver.schema.instance.SourceTree;
import io.dropserver.schema.read.InstanceReader;
import io.dropserver.schema.read.ReadOptions;
import io.dropserver.schema.read.ReadResult;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The entry of an App document for one version of an app: found in a checkout, or new.
 *
 * @param document path of the document's file from the root of the checkout
 * @param text the content of the whole file, with the entry; equal to the current content if
 *     nothing changes
 * @param declared the version that the entry declares in that text
 */
record AppEntry(String app, String document, String text, AppVersion declared) {
  /** Finds or writes the entry of a package from npm in a repository without local sources. */
  static AppEntry of(Path root, PackageSpec spec, Optional<String> name, List<String> args)
      throws IOException {
    return of(root, WantedVersion.npm(spec, args), name, ReadOptions.WHOLE_REPOSITORY);
  }

  /**
   * Finds or writes the entry. Changes no file.
   *
   * @param name the name of an App, which may also have versions with other sources; if empty, the
   *     App that already has a version of the same origin is used, or else a new App
   * @throws CommandException when the checkout is not valid, or cannot have such an entry
   */
  static AppEntry of(
      Path root, WantedVersion wanted, Optional<String> name, ReadOptions readOptions)
      throws IOException {
    ReadOptions options = readOptions.withoutLockFiles();
    Set<String> ignored = new GitProgram().ignored(root);
    SourceTree tree = FolderTree.of(root, ignored::contains);
    Instance instance = read(tree, options, "the repository is not valid", "correct it first");
    String app = name.orElseGet(() -> nameIn(instance, wanted));
    if (!DnsLabel.isValid(app)) {
      throw new CommandException(
          VisibleText.line(app) + " is not a name",
          "use 1 to 63 lower case letters, digits and dashes");
    }
    Optional<App> declared = Optional.ofNullable(instance.apps().get(app));
    String document =
        declared
            .map(found -> found.location().file())
            .orElseGet(() -> newDocument(root, instance, app));
    NewVersion version = wanted.entry(app + "-" + wanted.version() + ".lock");
    String text =
        declared.isEmpty()
            ? AppEditor.newFile(app, version)
            : text(tree, document, declared.get(), wanted, version);
    Instance edited =
        read(
            EditedTree.of(tree, document, text.getBytes(StandardCharsets.UTF_8)),
            options,
            wanted + " cannot be added as the app " + app,
            "choose another --name, or other arguments");
    AppVersion found =
        Optional.ofNullable(edited.apps().get(app))
            .flatMap(it -> it.version(wanted.version()))
            .map(it -> required(it, wanted))
            .orElseThrow(
                () ->
                    new CommandException(
                        document + " is not read as a part of the instance",
                        "remove it from .dropserverignore"));
    return new AppEntry(app, document, text, found);
  }

  /** Returns the lock file that the entry names. */
  Optional<LockFile> lock() {
    return lock(declared);
  }

  private static Optional<LockFile> lock(AppVersion version) {
    return version.source() instanceof NpmSource npm ? npm.lock() : version.additions().lock();
  }

  /** Returns whether both entries have the same App, document, lock file, source and manifest. */
  boolean matches(AppEntry other) {
    return app.equals(other.app)
        && document.equals(other.document)
        && WantedVersion.fields(declared.source())
            .equals(WantedVersion.fields(other.declared.source()))
        && declared.version().equals(other.declared.version())
        && manifest(declared).equals(manifest(other.declared))
        && lock().map(LockFile::path).equals(other.lock().map(LockFile::path));
  }

  private static String manifest(AppVersion version) {
    return version.source() instanceof NpmSource npm
        ? npm.manifestJson()
        : version.additions().manifest().map(EntryManifest::json).orElse("");
  }

  private static Instance read(SourceTree tree, ReadOptions options, String message, String remedy)
      throws IOException {
    ReadResult result = new InstanceReader().read(tree, options);
    return result
        .instance()
        .orElseThrow(
            () ->
                new CommandException(
                    message
                        + ":\n"
                        + result.problems().stream()
                            .limit(5)
                            .map(Problem::toString)
                            .collect(Collectors.joining("\n")),
                    remedy));
  }

  /** Prefers an App that has this version of the source to one that has another version. */
  private static String nameIn(Instance instance, WantedVersion wanted) {
    Optional<String> another = Optional.empty();
    for (App app : instance.apps().values()) {
      for (AppVersion version : app.versions()) {
        if (wanted.hasOriginOf(version.source())) {
          if (version.version().equals(wanted.version())) {
            return app.name();
          }
          another = Optional.of(app.name());
        }
      }
    }
    return another.orElseGet(() -> newName(instance, wanted));
  }

  /**
   * Refuses the name of an existing App, because sources of different authors can have similar
   * names, such as wiki and @other/wiki.
   */
  private static String newName(Instance instance, WantedVersion wanted) {
    String app = wanted.appName();
    if (instance.apps().containsKey(app)) {
      throw new CommandException(
          "the app " + app + " exists with another source",
          "choose another --name, or add this version to that app with --name " + app);
    }
    return app;
  }

  private static AppVersion required(AppVersion version, WantedVersion wanted) {
    if (wanted.isFrom(version.source())) {
      return version;
    }
    throw new CommandException(
        "version %s is already declared with another source, at %s"
            .formatted(version.version(), version.source().location()),
        "choose another --name, or remove that version");
  }

  /** Places a new document in the folder of an existing one. */
  private static String newDocument(Path root, Instance instance, String app) {
    String folder =
        instance.apps().values().stream()
            .map(found -> found.location().file())
            .map(file -> file.substring(0, file.lastIndexOf('/') + 1))
            .findFirst()
            .orElse("apps/");
    String document = folder + app + ".yaml";
    if (Files.exists(root.resolve(document), LinkOption.NOFOLLOW_LINKS)) {
      throw new CommandException(
          document + " exists and does not declare the app " + app, "choose another --name");
    }
    return document;
  }

  private static String text(
      SourceTree tree, String document, App app, WantedVersion wanted, NewVersion version)
      throws IOException {
    byte[] file = tree.read(tree.find(document).orElseThrow());
    Optional<AppVersion> present =
        app.version(wanted.version()).map(found -> required(found, wanted));
    if (present.isEmpty()) {
      return edited(AppEditor.addVersion(file, app.name(), version), document);
    }
    if (!version.args().isEmpty() || version.entrypoint().isPresent()) {
      throw new CommandException(
          wanted + " is already declared, at " + present.get().source().location(),
          "write arguments and entrypoint into the manifest of that entry, and leave them out"
              + " here");
    }
    return version.lock().isEmpty() || lock(present.get()).isPresent()
        ? new String(file, StandardCharsets.UTF_8)
        : edited(
            AppEditor.addLock(file, app.name(), version.version(), version.lock().get()), document);
  }

  private static String edited(EditResult result, String document) {
    return switch (result) {
      case Edited(String text) -> text;
      case EditRefused(String reason) ->
          throw new CommandException(
              document + " cannot be edited: " + reason,
              "write the entry by hand, with a lock, and run the command again");
    };
  }
}
