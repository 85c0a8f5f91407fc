package io.dropserver.reconciler.converge;

import io.dropserver.schema.instance.BackupPolicy;
import io.dropserver.schema.instance.Instance;
import io.dropserver.schema.instance.InstanceSettings;
import io.dropserver.schema.instance.InstanceSettings.ApprovalMode;
import io.dropserver.schema.instance.InstanceSettings.ApprovalSettings;
import io.dropserver.schema.instance.InstanceSettings.DecidedIn;
import io.dropserver.schema.instance.InstanceSettings.ReconcileSettings;
import io.dropserver.schema.instance.Limits;
import io.dropserver.schema.instance.Location;
import java.time.Duration;
import java.util.Collections;

/** The instance before the first revision: it declares nothing. */
final class EmptyInstance {
  static final Instance INSTANCE =
      new Instance(
          new InstanceSettings(
              "",
              Location.ofFile("."),
              "",
              new ReconcileSettings(Duration.ofSeconds(30), false, false),
              new ApprovalSettings(ApprovalMode.AUTO, 0, DecidedIn.GIT),
              Limits.DEFAULT,
              BackupPolicy.DEFAULT),
          Collections.emptySortedMap(),
          Collections.emptySortedMap(),
          Collections.emptySortedMap(),
          Collections.emptySortedMap());

  private EmptyInstance() {}
}
