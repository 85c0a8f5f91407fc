package io.dropserver.reconciler.update;

import io.dropserver.reconciler.edit.UpdateEditor.Suggestion;
import io.dropserver.reconciler.update.CandidateTrial.Passed;
import io.dropserver.sandbox.InstalledApp;
import io.dropserver.sandbox.app.PackageContents;
import io.dropserver.schema.instance.App.AppVersion;
import io.dropserver.schema.instance.App.NpmSource;
import io.dropserver.schema.instance.DropappManifest;
import io.dropserver.schema.read.ManifestReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The {@code dropapp.json} in a package from npm. The manifest of such a package is in the App
 * document. What the package's own manifest newly suggests is written there by an update.
 */
final class OwnManifest {
  private static final int MAX_BYTES = 256 << 10;
  private static final ManifestReader READER = new ManifestReader();

  private OwnManifest() {}

  /** Returns what the earlier version and the entry do not suggest: destinations and features. */
  static List<Suggestion> suggestions(
      AppVersion entry, Optional<InstalledApp> before, Passed passed) {
    if (!(entry.source() instanceof NpmSource npm)) {
      return List.of();
    }
    Set<String> known = new HashSet<>(names(Optional.of(npm.manifest())));
    known.addAll(names(before.flatMap(OwnManifest::read)));
    List<Suggestion> all = new ArrayList<>();
    read(passed.app())
        .ifPresent(
            manifest -> {
              manifest
                  .egress()
                  .forEach(it -> all.add(Suggestion.egress(it.url(), it.methods(), it.reason())));
              manifest
                  .browser()
                  .forEach(it -> all.add(Suggestion.browser(it.feature(), it.reason())));
            });
    return all.stream().filter(it -> !known.contains(it.list() + " " + it.name())).toList();
  }

  private static Set<String> names(Optional<DropappManifest> manifest) {
    Set<String> names = new HashSet<>();
    manifest.ifPresent(
        it -> {
          it.egress().forEach(egress -> names.add("egress " + egress.url()));
          it.browser().forEach(browser -> names.add("browser " + browser.feature()));
        });
    return names;
  }

  private static Optional<DropappManifest> read(InstalledApp app) {
    try {
      return PackageContents.read(app, ManifestReader.FILE_NAME, MAX_BYTES)
          .flatMap(bytes -> READER.read(ManifestReader.FILE_NAME, bytes).manifest());
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
