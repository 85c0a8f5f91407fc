package io.dropserver.reconciler.converge;

import io.dropserver.state.site.SiteTable;

/** Replaces the host table of the front door as a whole. */
@FunctionalInterface
public interface SitePublisher {

  /**
   * Publishes a table. The front door uses it for every request that arrives after this method
   * returns.
   */
  void publish(SiteTable table);
}
