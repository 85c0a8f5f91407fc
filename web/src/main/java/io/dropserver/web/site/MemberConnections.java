package io.dropserver.web.site;

import io.dropserver.schema.site.Site;
import io.dropserver.schema.site.SiteTable;
import io.dropserver.web.identity.Identity;
import io.dropserver.web.identity.Visitor;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;

/**
 * Tracks the open connections of members in appspaces. A connection is closed when the member is
 * removed or gets other permissions, or when the session ends. Thread-safe.
 */
final class MemberConnections {
  private final Identity identity;
  private final Set<MemberConnection> connections = ConcurrentHashMap.newKeySet();
  private volatile Map<String, Site> byHost = Map.of();

  MemberConnections(Identity identity) {
    this.identity = identity;
    identity.onSessionsEnded(this::closeUnadmitted);
  }

  /** The registration of a member's connection. Close it when the connection has ended. */
  final class MemberConnection implements AutoCloseable {
    private final Site site;
    private final AppspaceMember member;
    private final Runnable closer;

    private MemberConnection(Site at, AppspaceMember appspaceMember, Runnable end) {
      this.site = at;
      this.member = appspaceMember;
      this.closer = end;
    }

    @Override
    public void close() {
      connections.remove(this);
    }
  }

  /**
   * Returns the member who sent a request to an appspace's host. The lookup takes the same time for
   * a host without an appspace.
   */
  Optional<AppspaceMember> of(Request request, Optional<Route> route) {
    Optional<Visitor> visitor =
        identity.visitor(request, route.map(each -> each.site().identity()).orElse(""));
    return route.map(Route::site).flatMap(site -> visitor.flatMap(who -> of(who, site)));
  }

  private Optional<AppspaceMember> of(Visitor visitor, Site site) {
    String user = visitor.person().name();
    return Optional.ofNullable(site.members().get(user))
        .map(may -> new AppspaceMember(visitor, may, identity.userId(site.appspace(), user)));
  }

  /**
   * Registers a connection.
   *
   * @param end closes the connection; called on any thread, possibly after it has ended
   */
  MemberConnection register(Site site, AppspaceMember appspaceMember, Runnable end) {
    MemberConnection memberConnection = new MemberConnection(site, appspaceMember, end);
    connections.add(memberConnection);
    closeUnadmitted(memberConnection); // the table may have changed since the request was admitted
    return memberConnection;
  }

  /**
   * Sets the table by which connections are checked. Call it before the table is published, so that
   * connections that only the new table admits are not closed.
   */
  void prepareTable(SiteTable table) {
    byHost = table.sites();
  }

  /** Closes the connections of members whom the table does not admit any more. */
  void closeUnadmitted() {
    connections.forEach(this::closeUnadmitted);
  }

  private void closeUnadmitted(MemberConnection memberConnection) {
    @Nullable Site site = byHost.get(memberConnection.site.host());
    String user = memberConnection.member.visitor().person().name();
    boolean mayStay =
        site != null
            && site.identity().equals(memberConnection.site.identity())
            && memberConnection.member.permissions().equals(site.members().get(user))
            && identity.isStillAdmitted(memberConnection.member.visitor());
    if (!mayStay) {
      memberConnection.closer.run();
    }
  }
}
