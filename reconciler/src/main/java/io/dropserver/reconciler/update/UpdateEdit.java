package io.dropserver.reconciler.update;

import io.dropserver.reconciler.edit.UpdateEditor;
import io.dropserver.reconciler.edit.UpdateEditor.Suggestion;
import io.dropserver.reconciler.edit.WhitelistEditor.EditRefused;
import io.dropserver.reconciler.edit.WhitelistEditor.EditResult;
import io.dropserver.reconciler.edit.WhitelistEditor.Edited;
import io.dropserver.reconciler.source.EditedTree;
import io.dropserver.schema.instance.App;
import io.dropserver.schema.instance.App.AppVersion;
import io.dropserver.schema.instance.App.LockFile;
import io.dropserver.schema.instance.App.NpmSource;
import io.dropserver.schema.instance.Appspace;
import io.dropserver.schema.instance.Instance;
import io.dropserver.schema.instance.SourceTree;
import io.dropserver.schema.read.InstanceReader;
import io.dropserver.schema.read.ReadOptions;
import io.dropserver.schema.read.ReadResult;
import io.dropserver.state.condition.UpdateReason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Writes a new version into the files of a revision: its entry in the App document, and the version
 * of the appspaces that use the newest declared one. Each result is read as a whole and valid.
 * Thread-safe.
 */
final class UpdateEdit {
  private final InstanceReader reader;
  private final ReadOptions options;
  private Optional<Base> last = Optional.empty();

  UpdateEdit(InstanceReader reader, ReadOptions options) {
    this.reader = reader;
    this.options = options;
  }

  /** A revision that is valid. */
  record Base(String commit, SourceTree tree, ReadResult read, Instance instance) {}

  /**
   * An edited revision.
   *
   * @param files the new content of each edited file
   * @param entry the entry of the new version
   * @param appspaces whose version was changed
   * @param unchanged appspaces whose documents cannot be edited safely
   */
  record Change(
      SortedMap<String, byte[]> files,
      SourceTree tree,
      AppVersion entry,
      List<String> appspaces,
      List<String> unchanged) {}

  /**
   * @throws UpdateException when the revision is not valid; nothing is written on top of it
   */
  synchronized Base base(String commit, SourceTree tree) throws IOException {
    if (last.isPresent() && last.get().commit().equals(commit)) {
      return last.get();
    }
    ReadOptions known = last.map(base -> options.withPrevious(base.read())).orElse(options);
    ReadResult read = reader.read(tree, known);
    if (read.instance().isEmpty()) {
      throw new UpdateException(
          UpdateReason.NOT_WRITTEN,
          true,
          "the head %s is not valid; updates are offered once a valid commit follows it"
              .formatted(commit.substring(0, 7)));
    }
    Base base = new Base(commit, tree, read, read.instance().get());
    last = Optional.of(base);
    return base;
  }

  /**
   * Copies the entry of the newest version.
   *
   * @throws UpdateException when a document cannot be edited, or the result is not valid
   */
  Change newVersion(Base base, App app, Candidate candidate) throws IOException {
    AppVersion newest = app.newest().orElseThrow();
    String version = candidate.version().toString();
    Map<String, String> texts = new HashMap<>(candidate.texts());
    texts.put("version", version);
    newLock(app, newest, version).ifPresent(lock -> texts.put("lock", lock));
    String document = app.location().file();
    SortedMap<String, byte[]> files = new TreeMap<>();
    EditResult copied =
        UpdateEditor.copyVersion(
            content(base.tree(), document), app.name(), newest.version(), texts);
    files.put(document, required(copied, document));
    List<String> changed = new ArrayList<>();
    List<String> unchanged = new ArrayList<>();
    for (Appspace appspace : base.instance().appspaces().values()) {
      if (appspace.app().name().equals(app.name())
          && appspace.app().version().equals(newest.version())) {
        boolean edited = setVersion(base, appspace, version, files);
        (edited ? changed : unchanged).add(appspace.name());
      }
    }
    return change(base, app.name(), version, files, changed, unchanged);
  }

  private static boolean setVersion(
      Base base, Appspace appspace, String version, SortedMap<String, byte[]> files)
      throws IOException {
    String path = appspace.location().file();
    byte[] before = files.containsKey(path) ? files.get(path) : content(base.tree(), path);
    return switch (UpdateEditor.setVersion(before, appspace.name(), version)) {
      case Edited(String text) -> {
        files.put(path, text.getBytes(StandardCharsets.UTF_8));
        yield true;
      }
      case EditRefused _ -> false;
    };
  }

  /** Adds what a package suggests to the manifest of the new entry. */
  Change withSuggestions(Base base, App app, Change change, List<Suggestion> suggestions)
      throws IOException {
    String document = app.location().file();
    SortedMap<String, byte[]> files = new TreeMap<>(change.files());
    for (Suggestion suggestion : suggestions) {
      EditResult added =
          UpdateEditor.addSuggestion(
              Objects.requireNonNull(files.get(document)),
              app.name(),
              change.entry().version(),
              suggestion);
      files.put(document, required(added, document));
    }
    return change(
        base, app.name(), change.entry().version(), files, change.appspaces(), change.unchanged());
  }

  private Change change(
      Base base,
      String app,
      String version,
      SortedMap<String, byte[]> files,
      List<String> changed,
      List<String> unchanged)
      throws IOException {
    SourceTree tree = base.tree();
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      tree = EditedTree.of(tree, file.getKey(), file.getValue());
    }
    ReadResult read = reader.read(tree, options.withPrevious(base.read()).withoutLockFiles());
    AppVersion entry =
        read.instance()
            .flatMap(instance -> Optional.ofNullable(instance.apps().get(app)))
            .flatMap(found -> found.version(version))
            .orElseThrow(
                () ->
                    refused(
                        "with version %s the repository is not valid: %s"
                            .formatted(
                                version,
                                read.problems().isEmpty()
                                    ? "the entry is not read"
                                    : read.problems().getFirst().toString())));
    return new Change(files, tree, entry, List.copyOf(changed), List.copyOf(unchanged));
  }

  /** Returns the lock file of the new version, named like that of the newest one. */
  private static Optional<String> newLock(App app, AppVersion newest, String version) {
    if (!(newest.source() instanceof NpmSource npm) || npm.lock().isEmpty()) {
      return Optional.empty();
    }
    String document = app.location().file();
    String folder = document.substring(0, document.lastIndexOf('/') + 1);
    String before = npm.lock().map(LockFile::path).orElseThrow().substring(folder.length());
    String named = before.replace(newest.version(), version);
    return Optional.of(named.equals(before) ? app.name() + "-" + version + ".lock" : named);
  }

  private static byte[] content(SourceTree tree, String path) throws IOException {
    return tree.read(
        tree.find(path).orElseThrow(() -> refused(path + " is not in the repository")));
  }

  private static byte[] required(EditResult result, String document) {
    return switch (result) {
      case Edited(String text) -> text.getBytes(StandardCharsets.UTF_8);
      case EditRefused(String why) -> throw refused(document + " cannot be edited: " + why);
    };
  }

  private static UpdateException refused(String message) {
    return new UpdateException(UpdateReason.NOT_WRITTEN, false, message);
  }
}
