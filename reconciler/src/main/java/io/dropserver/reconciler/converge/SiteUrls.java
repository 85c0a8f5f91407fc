package io.dropserver.reconciler.converge;

/**
 * Builds the public URL of a host of this instance. Scheme and port are those of the front door.
 */
@FunctionalInterface
public interface SiteUrls {

  /**
   * @param host full host name without a port
   * @return the URL without a trailing slash
   */
  String of(String host);
}
