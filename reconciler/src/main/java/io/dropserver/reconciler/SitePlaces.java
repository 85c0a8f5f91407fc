package io.dropserver.reconciler;

import io.dropserver.reconciler.converge.SiteUrls;
import io.dropserver.schema.host.HostConfig.Listener;
import java.net.URI;
import java.util.Optional;

/**
 * Where browsers find a host: behind the public URL of a listener, else on the listener itself.
 *
 * @param scheme such as {@code https}
 * @param port empty for the scheme's own
 */
record SitePlaces(String scheme, Optional<Integer> port) implements SiteUrls {

  /**
   * @param listenedPort which the listener got, where it asked for any
   */
  static SitePlaces of(Listener listener, int listenedPort) {
    return listener
        .publicUrl()
        .map(SitePlaces::behind)
        .orElseGet(
            () -> {
              String scheme = listener.certificate().isPresent() ? "https" : "http";
              return new SitePlaces(scheme, unlessUsual(scheme, listenedPort));
            });
  }

  private static SitePlaces behind(URI url) {
    return new SitePlaces(
        url.getScheme(),
        url.getPort() < 0 ? Optional.empty() : unlessUsual(url.getScheme(), url.getPort()));
  }

  private static Optional<Integer> unlessUsual(String scheme, int port) {
    int usual = scheme.equals("https") ? 443 : 80;
    return port == usual ? Optional.empty() : Optional.of(port);
  }

  @Override
  public String of(String host) {
    return scheme + "://" + host + port.map(number -> ":" + number).orElse("");
  }
}
