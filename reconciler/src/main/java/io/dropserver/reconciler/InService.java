package io.dropserver.reconciler;

import io.dropserver.reconciler.converge.SitePublisher;
import io.dropserver.web.admin.Readiness;

/**
 * Whether hosts of the repository are being served: from the first host table until the server
 * stops.
 */
final class InService implements Readiness {
  private volatile boolean ready;

  /** Wraps a publisher so that a published table is noted. */
  SitePublisher noting(SitePublisher publisher) {
    return table -> {
      publisher.publish(table);
      ready = !table.domain().isEmpty();
    };
  }

  void end() {
    ready = false;
  }

  @Override
  public boolean ready() {
    return ready;
  }
}
