package io.dropserver.reconciler.plan;

import io.dropserver.schema.instance.App;
import java.util.Optional;

/** Identifies the content of an app version at the planned revision. */
@FunctionalInterface
public interface ContentIds {

  /**
   * Returns the content ID; empty if the origin cannot be identified now; converging the object
   * then reports the reason.
   */
  Optional<String> of(App.AppVersion appVersion);
}
