package io.dropserver.reconciler;

import io.dropserver.reconciler.converge.Converger;
import io.dropserver.reconciler.status.LiveSandboxes;
import io.dropserver.sandbox.InstalledApp;
import io.dropserver.web.home.Appearances;
import java.util.Optional;

/** The appearance of apps from their manifests, and whether they are running. Thread-safe. */
record AppFaces(Converger converger, LiveUsage.Measurements measurements, LiveSandboxes live)
    implements Appearances {

  @Override
  public Appearance of(String appspace) {
    return converger
        .app(appspace)
        .map(app -> face(app, activity(appspace)))
        .orElse(Appearance.UNKNOWN);
  }

  private Activity activity(String appspace) {
    if (measurements.isLive(appspace)) {
      return Activity.AWAKE;
    }
    if (measurements.isStarting(appspace)) {
      return Activity.STARTING;
    }
    return live.failing(appspace).isPresent() ? Activity.FAILING : Activity.ASLEEP;
  }

  private static Appearance face(InstalledApp app, Activity activity) {
    return new Appearance(
        app.manifest().name() + " " + app.version(),
        app.manifest().shortDescription(),
        icon(app),
        activity);
  }

  /** The path was validated when the manifest was parsed, and the files belong to the installer. */
  private static Optional<Appearances.Icon> icon(InstalledApp app) {
    return app.manifest()
        .icon()
        .map(path -> new Appearances.Icon(app.contentId(), app.files().resolve(path)));
  }
}
