package io.dropserver.reconciler.converge;

/** Where people reach a host of this instance: scheme and port are the front door's. */
@FunctionalInterface
public interface SiteUrls {

  /**
   * @param host full host name without a port
   * @return without a trailing slash
   */
  String of(String host);
}
