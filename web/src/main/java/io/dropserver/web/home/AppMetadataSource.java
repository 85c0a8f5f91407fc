package io.dropserver.web.home;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Supplies the metadata that apps declare, and whether they run. The reconciler implements it.
 * Called for every card of every home page, so it must not block. Implementations are thread-safe.
 */
@FunctionalInterface
public interface AppMetadataSource {

  /**
   * Returns the metadata of a declared appspace; {@link AppMetadata#UNKNOWN} if no app is
   * installed.
   */
  AppMetadata of(String appspace);

  /**
   * The metadata of an appspace's app, and the state of its sandbox.
   *
   * @param app the name and version in the manifest; untrusted
   * @param description one sentence in the manifest; untrusted
   * @param icon empty when the manifest names no icon
   */
  record AppMetadata(String app, String description, Optional<Icon> icon, Activity activity) {
    /** The metadata of an app that is not installed. */
    public static final AppMetadata UNKNOWN =
        new AppMetadata("", "", Optional.empty(), Activity.STOPPED);
  }

  /**
   * An image in an installed app version.
   *
   * @param contentId the content id of the version
   * @param file the image file; its content is untrusted
   */
  record Icon(String contentId, Path file) {}

  /** The state of the sandbox. */
  enum Activity {
    AWAKE,
    STARTING,
    /** The sandbox is frozen; the next request continues it. */
    ASLEEP,
    /** The sandbox has never run; the first request starts it. */
    NEW,
    /** The sandbox does not run; the next request starts it. */
    STOPPED,
    /** The last start or run of the sandbox failed. */
    FAILING
  }
}
