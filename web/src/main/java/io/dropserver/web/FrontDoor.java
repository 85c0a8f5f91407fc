package io.dropserver.web;

import io.dropserver.sandbox.SandboxLeases;
import io.dropserver.schema.host.HostConfig;
import io.dropserver.schema.site.SiteTable;
import io.dropserver.web.home.AppMetadataSource;
import io.dropserver.web.identity.Identity;
import io.dropserver.web.identity.ShellPages;
import io.dropserver.web.site.FrontDoorLimits;
import io.dropserver.web.site.SiteServer;
import io.dropserver.web.tls.Certificates;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.eclipse.jetty.server.Request;

/**
 * The server that browsers connect to. It serves every appspace under a host of its own, and adds
 * headers that confine the appspace's pages to their origin. Thread-safe.
 */
public final class FrontDoor implements AutoCloseable {
  /** The name of the logger that logs each request, at level INFO. */
  public static final String ACCESS_LOG = "io.dropserver.web.access";

  private final SiteServer server;

  private FrontDoor(SiteServer server) {
    this.server = server;
  }

  /**
   * Starts listening; the host table is empty until {@link #publishSites} is called.
   *
   * @param certificates for listeners with TLS; the caller closes it
   * @param identity authenticates visitors
   * @param shell the handler for further paths of the shell's host, such as webhooks
   * @throws IllegalArgumentException when a listener without TLS would be reachable from other
   *     machines than this one and the trusted proxies
   * @throws java.io.UncheckedIOException when an address cannot be listened on
   */
  public static FrontDoor start(
      List<HostConfig.ListenerSettings> listeners,
      Certificates certificates,
      FrontDoorLimits limits,
      SandboxLeases leases,
      Identity identity,
      Request.Handler shell,
      MeterRegistry registry) {
    return new FrontDoor(
        SiteServer.start(listeners, certificates, limits, leases, identity, shell, registry));
  }

  /**
   * Listens on a Unix socket too, for other components of this server. Requests over it are
   * anonymous. Must be called before the first {@link #publishSites}.
   *
   * @param socket an existing socket file there is left over from a dead server and is replaced
   * @throws java.io.UncheckedIOException when the socket cannot be listened on
   */
  public void listenInternally(Path socket) {
    server.listenInternally(socket);
  }

  /** The appspace that is served under a host and port. */
  public Optional<String> appspaceAt(String host, int port) {
    return server.appspaceAt(host, port);
  }

  /**
   * Adds these pages to the shell's host.
   *
   * @param appMetadataSource for the cards of the home page
   * @param pages handles the paths that the front door has no page for
   */
  public void addPages(AppMetadataSource appMetadataSource, ShellPages pages) {
    server.pages(appMetadataSource, pages);
  }

  /**
   * Request counts of an appspace for each five seconds of the last ten minutes, oldest first;
   * empty when the appspace had no request since the server started.
   */
  public List<Integer> recentRequests(String appspace) {
    return server.recentRequests(appspace);
  }

  /** Replaces the host table. Requests in flight continue. */
  public void publishSites(SiteTable table) {
    server.publish(table);
  }

  /** Closes the WebSockets and the idle connections of an appspace. */
  public void disconnect(String appspace) {
    server.disconnect(appspace);
  }

  /** The URL of the shell in the current host table, without a trailing slash. */
  public String shellUrl() {
    return server.shellUrl();
  }

  /** The URL of a host, without a trailing slash. */
  public String urlOf(String host) {
    return server.urlOf(host);
  }

  /** Gives requests in flight a few seconds to complete, then closes everything. */
  @Override
  public void close() {
    server.close();
  }
}
