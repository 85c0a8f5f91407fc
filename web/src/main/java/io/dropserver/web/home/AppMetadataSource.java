package io.dropserver.web.home;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What apps declare about themselves, and whether they run; implemented by the reconciler. Called
 * for every card of every home page, so it must be fast. Thread-safe.
 */
@FunctionalInterface
public interface AppMetadataSource {

  /** Returns the appearance of a declared appspace. */
  AppMetadata of(String appspace);

  /**
   * How an appspace is presented to people.
   *
   * @param app the name and version in its manifest: text from the app
   * @param description one sentence in the manifest: text from the app
   * @param icon empty when the manifest names none
   */
  record AppMetadata(String app, String description, Optional<Icon> icon, Activity activity) {
    /** For an app that is not installed. */
    public static final AppMetadata UNKNOWN =
        new AppMetadata("", "", Optional.empty(), Activity.ASLEEP);
  }

  /**
   * An image in an app version that is completely installed.
   *
   * @param contentId of the version
   * @param file its content comes from the app
   */
  record Icon(String contentId, Path file) {}

  /** The state of the sandbox. */
  enum Activity {
    AWAKE,
    STARTING,
    /** The next request starts it. */
    ASLEEP,
    /** Its last start or run failed. */
    FAILING
  }
}
