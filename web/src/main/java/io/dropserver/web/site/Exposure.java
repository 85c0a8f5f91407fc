package io.dropserver.web.site;

import io.dropserver.schema.host.HostConfig.Listener;
import io.dropserver.web.headers.Origin;
import java.net.InetAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Decides what each listener may serve, based on the host's configuration. */
final class Exposure {
  private Exposure() {}

  /**
   * Checks that something can be served. A listener without TLS serves only this machine, or
   * clients behind a proxy that terminates TLS. Next to a TLS listener, other plain listeners only
   * redirect to it.
   *
   * @throws IllegalArgumentException when no listener could serve
   */
  static void check(List<Listener> listeners) {
    boolean anySecure = listeners.stream().anyMatch(Listener::secure);
    for (Listener listener : listeners) {
      if (!serves(listener) && !anySecure) {
        throw new IllegalArgumentException(
            "the listener "
                + listener.address().getHostString()
                + ":"
                + listener.address().getPort()
                + " would serve without TLS to other machines; give it a certificateFile and a"
                + " keyFile, or acme: true, or listen on 127.0.0.1, or give it a publicUrl that"
                + " begins with https:// and the trustedProxies that speak TLS for it");
      }
    }
  }

  /** Whether the listener serves sites. Otherwise it redirects to a TLS listener. */
  private static boolean serves(Listener listener) {
    boolean loopback =
        InetAddress.ofLiteral(listener.address().getHostString()).isLoopbackAddress();
    boolean behindProxy =
        listener.publicUrl().map(URI::getScheme).filter("https"::equals).isPresent()
            && !listener.trustedProxies().isEmpty();
    return listener.secure() || loopback || behindProxy;
  }

  /**
   * The listeners as browsers see them, in the same order.
   *
   * @param ports the ports that they listen on
   */
  static List<Listeners.Public> of(List<Listener> listeners, List<Integer> ports) {
    Optional<Origin> secure = Optional.empty();
    for (int i = 0; i < listeners.size() && secure.isEmpty(); i++) {
      if (listeners.get(i).secure()) {
        secure = Optional.of(origin(listeners.get(i), ports.get(i)));
      }
    }
    List<Listeners.Public> seen = new ArrayList<>();
    for (int i = 0; i < listeners.size(); i++) {
      Listener listener = listeners.get(i);
      Origin origin = origin(listener, ports.get(i));
      Optional<Origin> redirect = serves(listener) ? Optional.empty() : secure;
      seen.add(
          new Listeners.Public(
              redirect.orElse(origin), listener.trustedProxies(), redirect.isPresent(), false));
    }
    return List.copyOf(seen);
  }

  private static Origin origin(Listener listener, int port) {
    return listener
        .publicUrl()
        .map(url -> Origin.of(url.getScheme(), url.getHost(), url.getPort()))
        .orElse(Origin.of(listener.secure() ? "https" : "http", "localhost", port));
  }
}
