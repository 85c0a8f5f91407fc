package io.dropserver.reconciler;

import io.dropserver.reconciler.converge.SitePublisher;
import io.dropserver.web.admin.Readiness;

/** Whether hosts of the repository are in service: from their first table until the end. */
final class InService implements Readiness {
  private volatile boolean ready;

  /** A publisher that passes on, and notes what is in service then. */
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
