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
 * Which members are in which appspace. What they have open ends when they are a member no more,
 * have other permissions, or their session has ended. Thread-safe.
 */
final class Guests {
  private final Identity identity;
  private final Set<Stay> stays = ConcurrentHashMap.newKeySet();
  private volatile Map<String, Site> byHost = Map.of();

  Guests(Identity identity) {
    this.identity = identity;
    identity.whenSessionsEnd(this::look);
  }

  /** Something open in a member's name; closed when it has ended by itself. */
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
   * The member who sends a request to an appspace's host. Hosts without an appspace take as long to
   * look up.
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
   * @param end ends it; any thread, and also when it has ended
   */
  Stay open(Site site, Guest guest, Runnable end) {
    Stay stay = new Stay(site, guest, end);
    stays.add(stay);
    look(stay); // the table may have changed since this request was let in
    return stay;
  }

  /** Another table is about to be in service: whom it lets in must not be sent away. */
  void admit(SiteTable table) {
    byHost = table.sites();
  }

  /** Ends the stay of each guest whom the table does not admit any more. */
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
