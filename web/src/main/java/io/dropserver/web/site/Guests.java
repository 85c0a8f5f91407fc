package io.dropserver.web.site;

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
 * removed, has other permissions, or the session ends. Thread-safe.
 */
final class Guests {
  private final Identity identity;
  private final Set<Stay> stays = ConcurrentHashMap.newKeySet();
  private volatile Map<String, Site> byHost = Map.of();

  Guests(Identity identity) {
    this.identity = identity;
    identity.whenSessionsEnd(this::look);
  }

  /**
   * A connection that is open in a member's name. Close it when the connection has ended by itself.
   */
  final class Stay implements AutoCloseable {
    private final Site at;
    private final Guest guest;
    private final Runnable end;

    private Stay(Site at, Guest guest, Runnable end) {
      this.at = at;
      this.guest = guest;
      this.end = end;
    }

    @Override
    public void close() {
      stays.remove(this);
    }
  }

  /**
   * The member who sent a request to an appspace's host. The lookup takes the same time for a host
   * without an appspace.
   */
  Optional<Guest> of(Request request, Optional<Route> route) {
    Optional<Visitor> visitor =
        identity.visitor(request, route.map(each -> each.site().identity()).orElse(""));
    return route.map(Route::site).flatMap(site -> visitor.flatMap(who -> of(who, site)));
  }

  private Optional<Guest> of(Visitor visitor, Site site) {
    String user = visitor.person().name();
    return Optional.ofNullable(site.members().get(user))
        .map(may -> new Guest(visitor, may, identity.userId(site.appspace(), user)));
  }

  /**
   * Registers a connection.
   *
   * @param end closes the connection; called on any thread, possibly after it has ended
   */
  Stay open(Site site, Guest guest, Runnable end) {
    Stay stay = new Stay(site, guest, end);
    stays.add(stay);
    look(stay); // the table may have changed since the request was admitted
    return stay;
  }

  /**
   * Announces a table before it is published, so that the connections of members whom it admits are
   * not closed.
   */
  void admit(SiteTable table) {
    byHost = table.sites();
  }

  /** Closes the connections of members whom the table does not admit any more. */
  void look() {
    stays.forEach(this::look);
  }

  private void look(Stay stay) {
    @Nullable Site site = byHost.get(stay.at.host());
    String user = stay.guest.visitor().person().name();
    boolean stays =
        site != null
            && site.identity().equals(stay.at.identity())
            && stay.guest.permissions().equals(site.members().get(user))
            && identity.admits(stay.guest.visitor());
    if (!stays) {
      stay.end.run();
    }
  }
}
