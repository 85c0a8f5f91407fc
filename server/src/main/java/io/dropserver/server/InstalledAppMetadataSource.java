package io.dropserver.server;

import io.dropserver.reconciler.converge.Converger;
import io.dropserver.reconciler.status.LiveUsage.Measurements;
import io.dropserver.reconciler.status.SandboxFailures;
import io.dropserver.sandbox.InstalledApp;
import io.dropserver.state.DataFolders;
import io.dropserver.web.home.AppMetadataSource;
import java.util.Optional;

/** Provides name, icon and activity of the app that each appspace runs. Thread-safe. */
record InstalledAppMetadataSource(
    Converger converger, Measurements measurements, SandboxFailures live, DataFolders data)
    implements AppMetadataSource {

  @Override
  public AppMetadata of(String appspace) {
    return converger
        .app(appspace)
        .map(app -> metadata(app, activity(appspace)))
        .orElse(AppMetadata.UNKNOWN);
  }

  private Activity activity(String appspace) {
    if (measurements.isLive(appspace)) {
      return measurements.isAsleep(appspace) ? Activity.ASLEEP : Activity.AWAKE;
    }
    if (measurements.isStarting(appspace)) {
      return Activity.STARTING;
    }
    if (live.failing(appspace).isPresent()) {
      return Activity.FAILING;
    }
    return data.hasDataOnDisk(appspace) ? Activity.STOPPED : Activity.NEW;
  }

  private static AppMetadata metadata(InstalledApp app, Activity activity) {
    return new AppMetadata(
        app.manifest().name() + " " + app.version(),
        app.manifest().shortDescription(),
        icon(app),
        activity);
  }

  /**
   * Returns the app's icon. Its path was validated when the manifest was parsed, and only the
   * installer can change the files.
   */
  private static Optional<Icon> icon(InstalledApp app) {
    return app.manifest().icon().map(path -> new Icon(app.contentId(), app.files().resolve(path)));
  }
}
