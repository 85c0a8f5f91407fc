package io.dropserver.reconciler.converge;

import io.dropserver.schema.instance.BackupPolicy;
import io.dropserver.schema.instance.Instance;
import io.dropserver.schema.instance.InstanceSettings;
import io.dropserver.schema.instance.InstanceSettings.ApprovalMode;
import io.dropserver.schema.instance.InstanceSettings.Approvals;
import io.dropserver.schema.instance.InstanceSettings.DecidedIn;
import io.dropserver.schema.instance.InstanceSettings.Reconcile;
import io.dropserver.schema.instance.Limits;
import io.dropserver.schema.instance.Location;
import java.time.Duration;
import java.util.Collections;

/** The instance before the first revision: it declares nothing. */
final class Empty {
  static final Instance INSTANCE =
      new Instance(
          new InstanceSettings(
              "",
              Location.ofFile("."),
              "",
              new Reconcile(Duration.ofSeconds(30), false, false),
              new Approvals(ApprovalMode.AUTO, 0, DecidedIn.GIT),
              Limits.DEFAULT,
              BackupPolicy.DEFAULT),
          Collections.emptySortedMap(),
          Collections.emptySortedMap(),
          Collections.emptySortedMap(),
          Collections.emptySortedMap());

  private Empty() {}
}
