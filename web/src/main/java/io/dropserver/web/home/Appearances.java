package io.dropserver.web.home;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What apps say of themselves, and whether they run; implemented by the reconciler. Thread-safe,
 * and quick: it is asked for every card of every home page.
 */
@FunctionalInterface
public interface Appearances {

  /** Of a declared appspace. */
  Appearance of(String appspace);

  /**
   * How an appspace looks to a person.
   *
   * @param app what its manifest calls it, with the version: an app's words
   * @param description one sentence of the manifest: an app's words
   * @param icon empty where the manifest names none
   */
  record Appearance(String app, String description, Optional<Icon> icon, Activity activity) {
    /** Of what is not installed. */
    public static final Appearance UNKNOWN =
        new Appearance("", "", Optional.empty(), Activity.ASLEEP);
  }

  /**
   * An image in an app version that is complete on this machine.
   *
   * @param contentId of the version
   * @param file whose content is an app's
   */
  record Icon(String contentId, Path file) {}

  /** What its sandbox does. */
  enum Activity {
    AWAKE,
    STARTING,
    /** It starts with the next request. */
    ASLEEP,
    /** It failed last time it started or ran. */
    FAILING
  }
}
