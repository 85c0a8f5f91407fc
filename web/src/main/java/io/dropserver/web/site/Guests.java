package io.dropserver.web.site;

import io.dropserver.web.identity.Identity;
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
    private final String host;
    private final Guest guest;
    private final Runnable end;

    private Stay(String host, Guest guest, Runnable end) {
      this.host = host;
      this.guest = guest;
      this.end = end;
    }

    @Override
    public void close() {
      stays.remove(this);
    }
  }

  /** Who sends a request to an appspace's host; empty for whoever is nobody there. */
  Optional<Guest> of(Request request, Site site) {
    return identity
        .visitor(request, site.host())
        .filter(visitor -> site.members().containsKey(visitor.person().name()))
        .map(
            visitor ->
                new Guest(
                    visitor,
                    site.members().getOrDefault(visitor.person().name(), Set.of()),
                    identity.userId(site.appspace(), visitor.person().name())));
  }

  /**
   * @param end ends it; any thread, and also when it has ended
   */
  Stay open(Site site, Guest guest, Runnable end) {
    Stay stay = new Stay(site.host(), guest, end);
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
    @Nullable Site site = byHost.get(stay.host);
    String user = stay.guest.visitor().person().name();
    boolean stays =
        site != null
            && stay.guest.permissions().equals(site.members().get(user))
            && identity.admits(stay.guest.visitor());
    if (!stays) {
      stay.end.run();
    }
  }
}
