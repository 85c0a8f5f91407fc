package io.dropserver.web.site;

import io.dropserver.control.VisitorRequest;
import io.dropserver.sandbox.SandboxLeases;
import io.dropserver.schema.host.HostConfig;
import io.dropserver.state.site.HostChallenges;
import io.dropserver.state.site.SiteTable;
import io.dropserver.web.access.OpenExchanges;
import io.dropserver.web.client.BindFailure;
import io.dropserver.web.client.ClientConnections;
import io.dropserver.web.client.ClientConnector;
import io.dropserver.web.client.HeaderLimitingConnectionFactory;
import io.dropserver.web.home.AppMetadataSource;
import io.dropserver.web.identity.Identity;
import io.dropserver.web.identity.ShellPages;
import io.dropserver.web.tls.Certificates;
import io.dropserver.web.upstream.UpstreamPool;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.eclipse.jetty.http.HttpCompliance;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.http.UriCompliance.Violation;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.unixdomain.server.UnixDomainServerConnector;
import org.eclipse.jetty.util.VirtualThreads;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/**
 * The HTTP server for browsers. It serves every appspace on a separate host, and adds headers that
 * confine the appspace's pages to their origin. {@link #bind} opens the listening sockets, and
 * {@link #serve} starts answering requests. Clients that connect in between wait. Thread-safe.
 */
public final class FrontDoor implements AutoCloseable {
  /** The name of the logger that logs each request, at level INFO. */
  public static final String ACCESS_LOG = "io.dropserver.web.access";

  private static final int HEAD_BYTES = 16 << 10;
  private static final long DRAIN_MILLIS = 5_000;

  /**
   * The idle timeout of connections to the internal socket. It is longer than that of the egress
   * gateway, so that the gateway closes them first.
   */
  private static final Duration INTERNAL_IDLE_TIMEOUT = Duration.ofSeconds(60);

  private final Server server;
  private final Path internalSocket;
  private final Certificates certificates;
  private final FrontDoorLimits limits;
  private final Identity identity;
  private final Listeners listeners;
  private final Map<Connector, Listeners.PublicListener> connectors = new LinkedHashMap<>();
  private final UpstreamPool pool = new UpstreamPool();
  private final ClientConnections clientConnections;
  private final OpenExchanges exchanges;
  private final HostChallenges hostChallenges = new HostChallenges();
  private volatile List<InetSocketAddress> addresses = List.of();
  private volatile String domain = "localhost";
  private volatile boolean published;

  private FrontDoor(
      Path internalSocket,
      Certificates certificates,
      FrontDoorLimits limits,
      Identity identity,
      MeterRegistry registry) {
    QueuedThreadPool threads = new QueuedThreadPool();
    threads.setName("front-door");
    threads.setVirtualThreadsExecutor(VirtualThreads.getDefaultVirtualThreadsExecutor());
    this.server = new Server(threads);
    this.internalSocket = internalSocket;
    this.certificates = certificates;
    this.limits = limits;
    this.identity = identity;
    this.listeners = new Listeners(registry, limits);
    this.clientConnections =
        new ClientConnections(
            limits.connections(),
            limits.connectionsPerClient(),
            limits.headTimeout(),
            connection -> connection instanceof Tunnel);
    this.exchanges = new OpenExchanges(identity);
  }

  /**
   * Opens the sockets. The host table is empty until {@link #publishSites} is called.
   *
   * @param inherited a listening socket from the service manager, used for the listener with its
   *     address; never closed
   * @param internalSocket a Unix socket for other components of this server, whose requests are
   *     anonymous; a socket file that is left over from a dead server is replaced
   * @param certificates the certificates for listeners with TLS; the caller closes it
   * @param identity authenticates visitors
   * @throws io.dropserver.schema.host.HostConfigException when a listener would serve other
   *     machines without TLS, see {@link ListenerPolicy#check}, or when no listener has the address
   *     of the inherited socket
   * @throws UncheckedIOException when an address cannot be listened on
   */
  public static FrontDoor bind(
      List<HostConfig.ListenerSettings> listen,
      Optional<ServerSocketChannel> inherited,
      Path internalSocket,
      Certificates certificates,
      FrontDoorLimits limits,
      Identity identity,
      MeterRegistry registry) {
    ListenerPolicy.check(listen);
    FrontDoor frontDoor = new FrontDoor(internalSocket, certificates, limits, identity, registry);
    try {
      Optional<InheritedSocket> shared = InheritedSocket.of(inherited, listen);
      frontDoor.open(listen, shared);
      return frontDoor;
    } catch (IOException e) {
      frontDoor.close();
      throw new UncheckedIOException(String.valueOf(e.getMessage()), e);
    }
  }

  private void open(List<HostConfig.ListenerSettings> listen, Optional<InheritedSocket> shared)
      throws IOException {
    List<InetSocketAddress> bound = new ArrayList<>();
    for (HostConfig.ListenerSettings listenerSettings : listen) {
      ServerConnector connector = connector(listenerSettings);
      server.addConnector(connector);
      try {
        if (shared.filter(it -> it.listener().equals(listenerSettings)).isPresent()) {
          connector.open(SharedListener.of(shared.get().socket()));
        } else {
          connector.open();
        }
      } catch (IOException e) {
        throw BindFailure.of(listenerSettings.address(), "listen", e);
      }
      ServerSocketChannel socket = (ServerSocketChannel) connector.getTransport();
      bound.add((InetSocketAddress) socket.getLocalAddress());
    }
    addresses = List.copyOf(bound);
    List<Listeners.PublicListener> seen =
        ListenerPolicy.of(listen, bound.stream().map(InetSocketAddress::getPort).toList());
    for (int i = 0; i < seen.size(); i++) {
      connectors.put(server.getConnectors()[i], seen.get(i));
    }
    UnixDomainServerConnector internal =
        new UnixDomainServerConnector(server, 1, 1, new HeaderLimitingConnectionFactory(http()));
    internal.setUnixDomainPath(internalSocket);
    internal.setIdleTimeout(INTERNAL_IDLE_TIMEOUT.toMillis());
    server.addConnector(internal);
    connectors.put(
        internal, new Listeners.PublicListener(firstServing().origin(), List.of(), false, true));
    listeners.publish(new SiteTable(domain, Map.of(), Map.of()), connectors);
  }

  /**
   * Starts answering requests.
   *
   * @param apiHandler the handler for further paths of the shell's host, such as webhooks; returns
   *     false for other requests
   * @param appMetadataSource the metadata for the cards of the home page
   * @param pages handles the shell's paths for which the front door has no handler
   * @throws UncheckedIOException when the server cannot start
   */
  public void serve(
      SandboxLeases leases,
      Request.Handler apiHandler,
      AppMetadataSource appMetadataSource,
      ShellPages pages) {
    RequestMemory memory = new RequestMemory(Runtime.getRuntime().maxMemory());
    AppLeases appLeases = new AppLeases(leases);
    RequestProxy requestProxy = new RequestProxy(appLeases, pool, limits);
    WebSockets webSockets = new WebSockets(appLeases, pool, limits, requestProxy, memory);
    exchanges.start();
    DrainingHandler draining = new DrainingHandler();
    draining.setHandler(
        new PipelinedRequests(
            new FrontHandler(
                listeners,
                new AppspaceHandler(requestProxy, webSockets, identity),
                new AccessDeniedHandler(identity),
                exchanges,
                identity,
                new ShellHandler(identity, apiHandler, appMetadataSource, pages),
                certificates,
                hostChallenges,
                clientConnections,
                memory)));
    server.setHandler(draining);
    server.setErrorHandler(new FrontDoorErrorHandler(listeners::anyPolicy));
    server.setStopTimeout(DRAIN_MILLIS);
    try {
      Files.deleteIfExists(internalSocket);
      server.start();
      Files.setPosixFilePermissions(internalSocket, PosixFilePermissions.fromString("rw-------"));
    } catch (Exception e) {
      throw new UncheckedIOException(
          "cannot listen: " + e.getMessage(),
          e instanceof IOException io ? io : new IOException(e));
    }
  }

  /** Returns whether requests are answered, and the latest host table has a domain. */
  public boolean isServing() {
    return published && server.isRunning();
  }

  /** Returns the name of the appspace at a host and port; empty without one. */
  public Optional<String> appspaceAt(String host, int port) {
    return Optional.ofNullable(listeners.anyServing().routes().find(host))
        .filter(route -> route.origin().port() == port)
        .map(route -> route.site().appspace());
  }

  private ServerConnector connector(HostConfig.ListenerSettings listenerSettings) {
    HttpConfiguration http = http();
    List<ConnectionFactory> spoken =
        listenerSettings.usesTls()
            ? certificates.connections(listenerSettings, http, limits.clientIdle())
            : List.of(new HeaderLimitingConnectionFactory(http));
    ServerConnector connector =
        new ClientConnector(server, clientConnections, listenerSettings.trustedProxies(), spoken);
    connector.setHost(listenerSettings.address().getHostString());
    connector.setPort(listenerSettings.address().getPort());
    connector.setIdleTimeout(limits.clientIdle().toMillis());
    connector.setAcceptQueueSize(512);
    return connector;
  }

  private static HttpConfiguration http() {
    HttpConfiguration http = new HttpConfiguration();
    http.setSendServerVersion(false);
    http.setRequestHeaderSize(HEAD_BYTES);
    http.setResponseHeaderSize(HEAD_BYTES);
    http.setMaxResponseHeaderSize(4 * HEAD_BYTES); // for the app's headers and those that are added
    http.setHttpCompliance(HttpCompliance.STRICT); // the default accepts a bare LF as a line end
    http.setUriCompliance(
        UriCompliance.DEFAULT.with(
            "as-sent",
            Violation.AMBIGUOUS_PATH_SEPARATOR,
            Violation.AMBIGUOUS_PATH_ENCODING,
            Violation.AMBIGUOUS_EMPTY_SEGMENT,
            Violation.AMBIGUOUS_PATH_PARAMETER));
    return http;
  }

  /**
   * Replaces the host table and ends the requests, WebSockets and jobs in progress that it no
   * longer admits. When this returns, they pass nothing on. Other requests in flight continue.
   */
  public void publishSites(SiteTable table) {
    domain = table.domain();
    identity.replaceUsers(table.people());
    exchanges.prepareTable(table);
    listeners.publish(table, connectors);
    Set<String> hosts = new HashSet<>(table.sites().keySet());
    hosts.add(table.domain());
    certificates.setHosts(hosts, table.domain());
    exchanges.endUnadmitted();
    published = !table.domain().isEmpty();
  }

  /**
   * Returns the request counts of an appspace for each five seconds of the last ten minutes, oldest
   * first; empty when the appspace has had no request since the server started or the appspace was
   * added.
   */
  public List<Integer> recentRequests(String appspace) {
    return listeners.recentRequests(appspace);
  }

  /** Returns the latest ten requests to an appspace since the server started, oldest first. */
  public List<VisitorRequest> latestRequests(String appspace) {
    return listeners.latestRequests(appspace);
  }

  /** Returns the requests, WebSockets and jobs in progress. */
  public OpenExchanges exchanges() {
    return exchanges;
  }

  /** Returns the challenges that this front door answers on any host. */
  public HostChallenges hostChallenges() {
    return hostChallenges;
  }

  /** Closes the WebSockets and the idle connections of an appspace. */
  public void disconnect(String appspace) {
    exchanges.closeWebSockets(appspace);
    pool.closeIdle(appspace);
  }

  /** Returns the URL of the shell in the current host table, without a trailing slash. */
  public String shellUrl() {
    return urlOf(domain);
  }

  /** Returns the URL of a host, without a trailing slash. */
  public String urlOf(String host) {
    return firstServing().origin().withHost(host).toString();
  }

  /** Returns the first listener that serves sites. */
  private Listeners.PublicListener firstServing() {
    return connectors.values().stream()
        .filter(listener -> !listener.redirects())
        .findFirst()
        .orElseThrow();
  }

  /** Returns the number of open client connections. */
  long connections() {
    return clientConnections.count();
  }

  /** Returns the TCP addresses at which this front door listens. */
  public List<InetSocketAddress> addresses() {
    return addresses;
  }

  public int port() {
    return ((ServerConnector) server.getConnectors()[0]).getLocalPort();
  }

  /**
   * Accepts no further connections, closes the WebSockets, waits up to 5 s for requests in flight
   * and for those of connections that are already accepted, then closes all connections.
   * Idempotent.
   */
  @Override
  public void close() {
    exchanges.close();
    try {
      server.stop();
    } catch (Exception e) {
      throw new IllegalStateException("the front door does not stop: " + e.getMessage(), e);
    } finally {
      // Jetty closes only the sockets of connectors that were started.
      for (Connector connector : server.getConnectors()) {
        if (connector instanceof ServerConnector bound) {
          bound.close();
        }
      }
      pool.close();
      clientConnections.close();
    }
  }
}
