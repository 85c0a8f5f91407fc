package io.dropserver.reconciler.converge;

import io.dropserver.web.site.SiteTable;

/** The front door's host table, swapped as a whole. */
@FunctionalInterface
public interface SitePublisher {

  /** In service when this returns. */
  void publish(SiteTable table);
}
