package io.dropserver.web.tls;

import io.dropserver.web.client.HeaderLimitingConnectionFactory;
import io.dropserver.web.client.Http2ConnectionFactory;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSessionContext;
import javax.net.ssl.TrustManager;
import org.eclipse.jetty.alpn.server.ALPNServerConnectionFactory;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.io.WindowRateControl;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/** Creates the connection factories of TLS listeners with their security settings. Thread-safe. */
final class TlsConnections {
  private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};

  /**
   * The cipher suites. All of them have forward secrecy and authenticated encryption (RFC 9325,
   * section 4.2).
   */
  private static final String[] SUITES = {
    "TLS_AES_128_GCM_SHA256",
    "TLS_AES_256_GCM_SHA384",
    "TLS_CHACHA20_POLY1305_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
  };

  private static final String[] GROUPS = {"x25519", "secp256r1", "secp384r1"};

  /**
   * The lifetime of resumable sessions and of the key that encrypts session tickets. A stolen key
   * exposes only the sessions of this period.
   */
  private static final Duration SESSION_LIFETIME = Duration.ofHours(1);

  private static final int MAX_SESSIONS = 20_000;

  /**
   * The maximum number of streams of an HTTP/2 connection. It equals the limit of concurrent
   * requests of one client to one appspace, so that a browser queues further requests instead of
   * getting status 429.
   */
  private static final int STREAMS_PER_CONNECTION = 64;

  /** The limit of unread bytes per connection: 1/512 of the heap, between 128 KiB and 1 MiB. */
  private static final int RECEIVE_WINDOW =
      Math.clamp(Runtime.getRuntime().maxMemory() / 512, 128 << 10, 1 << 20);

  /** The limit of resets, pings, empty frames and similar frames per second and connection. */
  private static final int MAX_CONTROL_FRAMES_PER_SECOND = 100;

  private TlsConnections() {}

  static List<ConnectionFactory> of(SniKeyManager keys, HttpConfiguration http, Duration idle) {
    ALPNServerConnectionFactory alpn =
        new ALPNServerConnectionFactory("h2", "http/1.1", SniKeyManager.ACME_PROTOCOL);
    alpn.setDefaultProtocol(HttpVersion.HTTP_1_1.asString());
    return List.of(
        new SslConnectionFactory(context(keys), alpn.getProtocol()),
        alpn,
        http2(http, idle),
        new HeaderLimitingConnectionFactory(http),
        new AcmeConnections());
  }

  private static Http2ConnectionFactory http2(HttpConfiguration http, Duration idle) {
    Http2ConnectionFactory factory = new Http2ConnectionFactory(http);
    factory.setMaxConcurrentStreams(STREAMS_PER_CONNECTION);
    factory.setInitialSessionRecvWindow(RECEIVE_WINDOW);
    factory.setInitialStreamRecvWindow(RECEIVE_WINDOW / 2);
    factory.setStreamIdleTimeout(idle.toMillis());
    factory.setRateControlFactory(new WindowRateControl.Factory(MAX_CONTROL_FRAMES_PER_SECOND));
    // Without extended CONNECT (RFC 8441), browsers open WebSockets over HTTP/1.1.
    factory.setConnectProtocolEnabled(false);
    return factory;
  }

  private static SslContextFactory.Server context(SniKeyManager keys) {
    SslContextFactory.Server factory =
        new SslContextFactory.Server() {
          @Override
          public SSLParameters customize(SSLParameters parameters) {
            SSLParameters customized = super.customize(parameters);
            customized.setNamedGroups(GROUPS);
            return customized;
          }
        };
    factory.setSslContext(sslContext(keys));
    factory.setIncludeProtocols(PROTOCOLS);
    factory.setExcludeProtocols();
    factory.setIncludeCipherSuites(SUITES);
    factory.setExcludeCipherSuites();
    factory.setUseCipherSuitesOrder(true);
    factory.setRenegotiationAllowed(false);
    factory.setSniRequired(false);
    return factory;
  }

  private static SSLContext sslContext(SniKeyManager keys) {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(new KeyManager[] {keys}, new TrustManager[0], null);
      SSLSessionContext sessions = context.getServerSessionContext();
      sessions.setSessionTimeout((int) SESSION_LIFETIME.toSeconds());
      sessions.setSessionCacheSize(MAX_SESSIONS);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has TLS", e);
    }
  }
}
