package io.dropserver.web.site;

import io.dropserver.schema.host.HostConfig.ListenerSettings;
import io.dropserver.web.headers.Origin;
import java.net.InetAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Decides what each listener may serve, based on the host's configuration. */
final class ListenerPolicy {
  private ListenerPolicy() {}

  /**
   * Checks that something can be served. A listener without TLS serves only this machine, or
   * clients behind a proxy that terminates TLS. Next to a TLS listener, other plain listeners only
   * redirect to it.
   *
   * @throws IllegalArgumentException when no listener could serve
   */
  static void check(List<ListenerSettings> listeners) {
    boolean anySecure = listeners.stream().anyMatch(ListenerSettings::usesTls);
    for (ListenerSettings listenerSettings : listeners) {
      if (!servesSites(listenerSettings) && !anySecure) {
        throw new IllegalArgumentException(
            "the listener "
                + listenerSettings.address().getHostString()
                + ":"
                + listenerSettings.address().getPort()
                + " would serve without TLS to other machines; give it a certificateFile and a"
                + " keyFile, or acme: true, or listen on 127.0.0.1, or give it a publicUrl that"
                + " begins with https:// and the trustedProxies that terminate TLS for it");
      }
    }
  }

  /** Whether the listener serves sites. Otherwise it redirects to a TLS listener. */
  private static boolean servesSites(ListenerSettings listenerSettings) {
    boolean loopback =
        InetAddress.ofLiteral(listenerSettings.address().getHostString()).isLoopbackAddress();
    boolean behindProxy =
        listenerSettings.publicUrl().map(URI::getScheme).filter("https"::equals).isPresent()
            && !listenerSettings.trustedProxies().isEmpty();
    return listenerSettings.usesTls() || loopback || behindProxy;
  }

  /**
   * The listeners as browsers see them, in the same order.
   *
   * @param ports the ports that they listen on
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
