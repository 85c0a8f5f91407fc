package io.dropserver.reconciler.converge;

import io.dropserver.reconciler.source.AppSources;
import io.dropserver.reconciler.source.SourceException;
import io.dropserver.reconciler.source.SshPackageSignature;
import io.dropserver.sandbox.InstalledApp;
import io.dropserver.sandbox.app.AppFiles;
import io.dropserver.sandbox.app.AppStore;
import io.dropserver.sandbox.app.InstallPriority;
import io.dropserver.sandbox.app.InstallProgress;
import io.dropserver.sandbox.app.SignatureRule;
import io.dropserver.schema.instance.App;
import io.dropserver.schema.instance.App.GitRepositorySource;
import io.dropserver.schema.instance.App.NpmSource;
import io.dropserver.schema.instance.App.PackageSource;
import io.dropserver.schema.instance.App.PathSource;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Installs app versions into the store from the sources that their documents declare: Git folders,
 * package archives and packages from npm. Thread-safe.
 */
public record GitAppVersions(AppSources sources, AppStore store) implements AppVersions {
  @Override
  public String contentId(App.AppVersion appVersion, String revision) {
    return files(appVersion, revision).contentId();
  }

  @Override
  public InstalledApp install(
      String app, App.AppVersion appVersion, String revision, InstallPriority priority) {
    return store.install(
        app, appVersion.version(), files(appVersion, revision), InstallProgress.SILENT, priority);
  }

  @Override
  public String installer() {
    @Nullable String release = GitAppVersions.class.getPackage().getImplementationVersion();
    return store.toolchain() + " " + (release == null ? "development" : release);
  }

  @Override
  public Optional<InstalledApp> installed(String app, String version, String contentId) {
    return store.installed(app, version, contentId);
  }

  private AppFiles files(App.AppVersion appVersion, String revision) {
    try {
      AppFiles source =
          switch (appVersion.source()) {
            case PathSource folder -> sources.files(folder, revision);
            case GitRepositorySource git -> sources.files(git);
            case PackageSource archive -> packageFiles(archive);
            case NpmSource npm -> sources.files(npm, revision);
          };
      return sources.supplemented(source, appVersion, revision);
    } catch (IOException e) {
      throw new SourceException(String.valueOf(e.getMessage()), e);
    }
  }

  private AppFiles packageFiles(PackageSource archive) {
    if (archive.signers().isEmpty()) {
      return store.packageAt(archive.url(), archive.sha256());
    }
    SignatureRule signature = new SshPackageSignature(archive.signers().get());
    return store.signedPackageAt(archive.url(), archive.sha256(), signature, archive.contentId());
  }
}
