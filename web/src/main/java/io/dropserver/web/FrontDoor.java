package io.dropserver.web;

import io.dropserver.sandbox.SandboxLeases;
import io.dropserver.schema.host.HostConfig;
import io.dropserver.web.home.Appearances;
import io.dropserver.web.identity.Identity;
import io.dropserver.web.identity.ShellPages;
import io.dropserver.web.site.FrontDoorLimits;
import io.dropserver.web.site.SiteServer;
import io.dropserver.web.site.SiteTable;
import io.dropserver.web.tls.Certificates;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.eclipse.jetty.server.Request;

/**
 * The only thing that browsers reach: every appspace under its own host, behind headers that keep
 * its pages at home. Safe for use by several threads.
 */
public final class FrontDoor implements AutoCloseable {
  /** Name of the logger that tells of each request, at level INFO. */
  public static final String ACCESS_LOG = "io.dropserver.web.access";

  private final SiteServer server;

  private FrontDoor(SiteServer server) {
    this.server = server;
  }

  /**
   * Listens when it returns, and knows no host until {@link #sites}.
   *
   * @param certificates for those that speak TLS; stays the caller's to close
   * @param identity whom it asks who somebody is
   * @param shell what the shell's host serves beside its first page, such as webhooks
   * @throws IllegalArgumentException when a listener would serve in clear to others than this
   *     machine or a trusted proxy
   * @throws java.io.UncheckedIOException when an address cannot be listened on
   */
  public static FrontDoor start(
      List<HostConfig.Listener> listeners,
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
   * Listens on a Unix socket too, for this server's own parts: whoever comes there is anonymous.
   * Called before the first host table.
   *
   * @param socket what lies there is a dead server's
   * @throws java.io.UncheckedIOException when it cannot be listened on
   */
  public void listenInside(Path socket) {
    server.listenInside(socket);
  }

  /** The appspace that is served under a host and port. */
  public Optional<String> appspaceAt(String host, int port) {
    return server.appspaceAt(host, port);
  }

  /**
   * From now on the shell's host serves these pages too.
   *
   * @param appearances for the cards of the first page
   * @param pages asked for whatever is no page of the front door's own
   */
  public void pages(Appearances appearances, ShellPages pages) {
    server.pages(appearances, pages);
  }

  /**
   * How many requests an appspace was asked in each five seconds of the last ten minutes, the
   * oldest first; empty for none since the server started.
   */
  public List<Integer> requestsLately(String appspace) {
    return server.requestsLately(appspace);
  }

  /** Swaps the host table. Requests in flight go on. */
  public void sites(SiteTable table) {
    server.publish(table);
  }

  /** Ends the WebSockets of an appspace and lets go of its idle connections. */
  public void disconnect(String appspace) {
    server.disconnect(appspace);
  }

  /** Where browsers find the shell of the table in service, without a trailing slash. */
  public String shellUrl() {
    return server.shellUrl();
  }

  /** Where browsers find a host, without a trailing slash. */
  public String urlOf(String host) {
    return server.urlOf(host);
  }

  /** Lets requests in flight end, for a few seconds, and closes everything. */
  @Override
  public void close() {
    server.close();
  }
}
