package io.dropserver.web.site;

import io.dropserver.schema.host.HostConfig.ListenerSettings;
import io.dropserver.schema.host.HostConfigException;
import io.dropserver.web.headers.Origin;
import java.net.InetAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Decides, by the host configuration, whether a listener serves sites or only redirects to HTTPS.
 * Thread-safe.
 */
final class ListenerPolicy {
  private ListenerPolicy() {}

  /**
   * Checks that every listener may serve or redirect. A listener without TLS serves only on a
   * loopback address, or behind a trusted proxy that terminates TLS. Any other listener without TLS
   * redirects to a TLS listener, so it needs one.
   *
   * @throws HostConfigException when such a listener has no TLS listener to redirect to
   */
  static void check(List<ListenerSettings> listeners) {
    boolean anySecure = listeners.stream().anyMatch(ListenerSettings::usesTls);
    for (ListenerSettings listenerSettings : listeners) {
      if (!servesSites(listenerSettings) && !anySecure) {
        throw new HostConfigException(
            "the listener %s:%d would serve without TLS to other machines; give it a certificateFile and a keyFile, or acme: true, or listen on 127.0.0.1, or give it a publicUrl that begins with https:// and the trustedProxies that terminate TLS for it"
                .formatted(
                    listenerSettings.address().getHostString(),
                    listenerSettings.address().getPort()));
      }
    }
  }

  /** Returns whether the listener serves sites. Otherwise it redirects to a TLS listener. */
  private static boolean servesSites(ListenerSettings listenerSettings) {
    boolean loopback =
        InetAddress.ofLiteral(listenerSettings.address().getHostString()).isLoopbackAddress();
    boolean behindProxy =
        listenerSettings.publicUrl().map(URI::getScheme).filter("https"::equals).isPresent()
            && !listenerSettings.trustedProxies().isEmpty();
    return listenerSettings.usesTls() || loopback || behindProxy;
  }

  /**
   * Returns the listeners with the scheme and port that browsers see, in the same order.
   *
   * @param ports the port to which each listener is bound
   */
  static List<Listeners.PublicListener> of(List<ListenerSettings> listeners, List<Integer> ports) {
    Optional<Origin> secure = Optional.empty();
    for (int i = 0; i < listeners.size() && secure.isEmpty(); i++) {
      if (listeners.get(i).usesTls()) {
        secure = Optional.of(origin(listeners.get(i), ports.get(i)));
      }
    }
    List<Listeners.PublicListener> seen = new ArrayList<>();
    for (int i = 0; i < listeners.size(); i++) {
      ListenerSettings listenerSettings = listeners.get(i);
      Origin origin = origin(listenerSettings, ports.get(i));
      Optional<Origin> redirect = servesSites(listenerSettings) ? Optional.empty() : secure;
      seen.add(
          new Listeners.PublicListener(
              redirect.orElse(origin),
              listenerSettings.trustedProxies(),
              redirect.isPresent(),
              false));
    }
    return List.copyOf(seen);
  }

  private static Origin origin(ListenerSettings listenerSettings, int port) {
    return listenerSettings
        .publicUrl()
        .map(url -> Origin.of(url.getScheme(), url.getHost(), url.getPort()))
        .orElse(Origin.of(listenerSettings.usesTls() ? "https" : "http", "localhost", port));
  }
}
