package io.dropserver.reconciler.plan;

import io.dropserver.schema.instance.App;
import java.util.Optional;

/** Tells which content a version stands for at the revision that is planned. */
@FunctionalInterface
public interface ContentIds {

  /** Empty when the origin cannot be named now; converging the object then says why. */
  Optional<String> of(App.Version version);
}
