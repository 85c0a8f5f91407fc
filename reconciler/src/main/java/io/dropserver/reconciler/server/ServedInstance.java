package io.dropserver.reconciler.server;

import io.dropserver.reconciler.converge.SitePublisher;
import io.dropserver.web.admin.ReadinessCheck;

/**
 * Whether hosts of the repository are being served: from the first host table until the server
 * stops.
 */
final class ServedInstance implements ReadinessCheck {
  private volatile boolean ready;

  /** Wraps a publisher so that a published table is noted. */
  SitePublisher track(SitePublisher publisher) {
    return table -> {
      publisher.publish(table);
      ready = !table.domain().isEmpty();
    };
  }

  void markStopped() {
    ready = false;
  }

  @Override
  public boolean ready() {
    return ready;
  }
}
