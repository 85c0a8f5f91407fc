package io.dropserver.reconciler;

import io.dropserver.reconciler.converge.AppVersions;
import io.dropserver.reconciler.source.AppSources;
import io.dropserver.reconciler.source.SourceException;
import io.dropserver.sandbox.InstalledApp;
import io.dropserver.sandbox.app.AppFiles;
import io.dropserver.sandbox.app.AppStore;
import io.dropserver.sandbox.app.Progress;
import io.dropserver.schema.instance.App;
import io.dropserver.schema.instance.App.GitSource;
import io.dropserver.schema.instance.App.PackageSource;
import io.dropserver.schema.instance.App.PathSource;
import java.io.IOException;
import java.util.Optional;

/** Fetches app versions from their declared sources and keeps them in the store. */
final class GitAppVersions implements AppVersions {
  private final AppSources sources;
  private final AppStore store;

  GitAppVersions(AppSources sources, AppStore store) {
    this.sources = sources;
    this.store = store;
  }

  @Override
  public String contentId(App.Version version, String revision) {
    return files(version, revision).contentId();
  }

  @Override
  public InstalledApp install(String app, App.Version version, String revision) {
    return store.install(app, version.version(), files(version, revision), Progress.SILENT);
  }

  @Override
  public Optional<InstalledApp> installed(String app, String version, String contentId) {
    return store.installed(app, version, contentId);
  }

  private AppFiles files(App.Version version, String revision) {
    try {
      return switch (version.source()) {
        case PathSource folder -> sources.files(folder, revision);
        case GitSource git -> sources.files(git);
        case PackageSource archive -> store.packageAt(archive.url(), archive.sha256());
      };
    } catch (IOException e) {
      throw new SourceException(String.valueOf(e.getMessage()), e);
    }
  }
}
