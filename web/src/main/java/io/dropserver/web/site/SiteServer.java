package io.dropserver.web.site;

import io.dropserver.sandbox.SandboxLeases;
import io.dropserver.schema.host.HostConfig;
import io.dropserver.schema.site.SiteTable;
import io.dropserver.web.client.HeaderLimitingConnectionFactory;
import io.dropserver.web.home.AppMetadataSource;
import io.dropserver.web.identity.Identity;
import io.dropserver.web.identity.ShellPages;
import io.dropserver.web.tls.Certificates;
import io.dropserver.web.upstream.UpstreamPool;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
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
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.unixdomain.server.UnixDomainServerConnector;
import org.eclipse.jetty.util.VirtualThreads;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/** Configures Jetty with the handlers of the front door. */
public final class SiteServer implements AutoCloseable {
  private static final int HEAD_BYTES = 16 << 10;
  private static final long DRAIN_MILLIS = 5_000;

  /** Longer than the gateway keeps idle connections. */
  private static final Duration INTERNAL_IDLE_TIMEOUT = Duration.ofSeconds(60);

  private final Server server;
  private final Listeners listeners;
  private final Map<Connector, Listeners.PublicListener> connectors;
  private final UpstreamPool pool;
  private final ClientConnections clientConnections;
  private final WebSockets webSockets;
  private final Identity identity;
  private final Certificates certificates;
  private final MemberConnections members;
  private final ShellHandler shellHandler;
  private volatile String domain = "localhost";

  private SiteServer(
      Server server,
      Certificates certificates,
      Listeners listeners,
      Map<Connector, Listeners.PublicListener> connectors,
      UpstreamPool pool,
      ClientConnections clientConnections,
      WebSockets webSockets,
      Identity identity,
      MemberConnections memberConnections,
      ShellHandler shellHandler) {
    this.server = server;
    this.listeners = listeners;
    this.connectors = connectors;
    this.pool = pool;
    this.clientConnections = clientConnections;
    this.webSockets = webSockets;
    this.identity = identity;
    this.certificates = certificates;
    this.members = memberConnections;
    this.shellHandler = shellHandler;
  }

  /** See {@link io.dropserver.web.FrontDoor#start}. */
  public static SiteServer start(
      List<HostConfig.ListenerSettings> listen,
      Certificates certificates,
      FrontDoorLimits limits,
      SandboxLeases leases,
      Identity identity,
      Request.Handler shell,
      MeterRegistry registry) {
    ListenerPolicy.check(listen);
    QueuedThreadPool threads = new QueuedThreadPool();
    threads.setName("front-door");
    threads.setVirtualThreadsExecutor(VirtualThreads.getDefaultVirtualThreadsExecutor());
    Server server = new Server(threads);
    UpstreamPool pool = new UpstreamPool();
    Listeners listeners = new Listeners(registry, limits);
    MemberConnections memberConnections = new MemberConnections(identity);
    ClientConnections clientConnections = new ClientConnections(limits);
    RequestMemory memory = new RequestMemory(Runtime.getRuntime().maxMemory());
    RequestProxy requestProxy = new RequestProxy(leases, pool, limits, memberConnections);
    WebSockets webSockets =
        new WebSockets(leases, pool, limits, requestProxy, memberConnections, memory);
    AppspaceHandler appspaces = new AppspaceHandler(requestProxy, webSockets, identity);
    GracefulHandler graceful = new GracefulHandler();
    ShellHandler pages = new ShellHandler(identity, shell);
    graceful.setHandler(
        new PipelinedRequests(
            new FrontHandler(
                listeners,
                appspaces,
                new AccessDeniedHandler(identity),
                memberConnections,
                pages,
                certificates,
                clientConnections,
                memory)));
    server.setHandler(graceful);
    server.setErrorHandler(new FrontDoorErrorHandler(listeners::anyPolicy));
    server.setStopTimeout(DRAIN_MILLIS);
    Map<Connector, Listeners.PublicListener> connectors = new LinkedHashMap<>();
    List<Integer> ports = new ArrayList<>();
    try {
      for (HostConfig.ListenerSettings listenerSettings : listen) {
        ServerConnector connector =
            connector(server, listenerSettings, certificates, limits, clientConnections);
        connector.open();
        server.addConnector(connector);
        ports.add(connector.getLocalPort());
      }
      List<Listeners.PublicListener> seen = ListenerPolicy.of(listen, ports);
      for (int i = 0; i < seen.size(); i++) {
        connectors.put(server.getConnectors()[i], seen.get(i));
      }
      SiteServer started =
          new SiteServer(
              server,
              certificates,
              listeners,
              connectors,
              pool,
              clientConnections,
              webSockets,
              identity,
              memberConnections,
              pages);
      listeners.publish(new SiteTable("localhost", Map.of(), Map.of()), connectors);
      server.start();
      return started;
    } catch (Exception e) {
      pool.close();
      clientConnections.close();
      throw new UncheckedIOException(
          "cannot listen: " + e.getMessage(),
          e instanceof IOException io ? io : new IOException(e));
    }
  }

  /** See {@link io.dropserver.web.FrontDoor#listenInternally}. */
  public void listenInternally(Path socket) {
    HeaderLimitingConnectionFactory spoken = new HeaderLimitingConnectionFactory(http());
    UnixDomainServerConnector connector = new UnixDomainServerConnector(server, 1, 1, spoken);
    connector.setUnixDomainPath(socket);
    connector.setIdleTimeout(INTERNAL_IDLE_TIMEOUT.toMillis());
    try {
      Files.deleteIfExists(socket);
      connectors.put(
          connector, new Listeners.PublicListener(firstServing().origin(), List.of(), false, true));
      listeners.publish(new SiteTable("localhost", Map.of(), Map.of()), connectors);
      server.addConnector(connector);
      connector.start();
      Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-------"));
    } catch (Exception e) {
      throw new UncheckedIOException(
          "cannot listen on " + socket + ": " + e.getMessage(),
          e instanceof IOException io ? io : new IOException(e));
    }
  }

  /** See {@link io.dropserver.web.FrontDoor#appspaceAt}. */
  public Optional<String> appspaceAt(String host, int port) {
    return Optional.ofNullable(listeners.anyServing().routes().find(host))
        .filter(route -> route.origin().port() == port)
        .map(route -> route.site().appspace());
  }

  private static ServerConnector connector(
      Server server,
      HostConfig.ListenerSettings listenerSettings,
      Certificates certificates,
      FrontDoorLimits limits,
      ClientConnections clientConnections) {
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
    http.setHttpCompliance(HttpCompliance.STRICT); // RFC 9110 allows a bare LF as a line end
    http.setUriCompliance(
        UriCompliance.DEFAULT.with(
            "as-sent",
            Violation.AMBIGUOUS_PATH_SEPARATOR,
            Violation.AMBIGUOUS_PATH_ENCODING,
            Violation.AMBIGUOUS_EMPTY_SEGMENT,
            Violation.AMBIGUOUS_PATH_PARAMETER));
    return http;
  }

  public void publish(SiteTable table) {
    domain = table.domain();
    identity.replaceUsers(table.people());
    members.prepareTable(table);
    listeners.publish(table, connectors);
    Set<String> hosts = new HashSet<>(table.sites().keySet());
    hosts.add(table.domain());
    certificates.setHosts(hosts);
    members.closeUnadmitted();
  }

  /** See {@link io.dropserver.web.FrontDoor#addPages}. */
  public void pages(AppMetadataSource appMetadataSource, ShellPages pages) {
    shellHandler.pages(appMetadataSource, pages);
  }

  /** See {@link io.dropserver.web.FrontDoor#recentRequests}. */
  public List<Integer> recentRequests(String appspace) {
    return listeners.recentRequests(appspace);
  }

  public void disconnect(String appspace) {
    webSockets.disconnect(appspace);
    pool.closeIdle(appspace);
  }

  public String shellUrl() {
    return urlOf(domain);
  }

  /** The URL of a host, without a trailing slash. */
  public String urlOf(String host) {
    return firstServing().origin().withHost(host).toString();
  }

  /** The first listener that does not only redirect. */
  private Listeners.PublicListener firstServing() {
    return connectors.values().stream()
        .filter(listener -> !listener.redirects())
        .findFirst()
        .orElseThrow();
  }

  /** The number of open client connections. */
  long connections() {
    return clientConnections.count();
  }

  public int port() {
    return ((ServerConnector) server.getConnectors()[0]).getLocalPort();
  }

  @Override
  public void close() {
    webSockets.close();
    try {
      server.stop();
    } catch (Exception e) {
      throw new IllegalStateException("the front door does not stop: " + e.getMessage(), e);
    } finally {
      pool.close();
      clientConnections.close();
    }
  }
}
