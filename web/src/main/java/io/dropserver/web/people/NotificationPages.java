package io.dropserver.web.people;

import io.dropserver.state.site.Site;
import io.dropserver.web.frame.FramePage;
import io.dropserver.web.identity.ShellPages.Notice;
import io.dropserver.web.identity.ShellRequest;
import io.dropserver.web.identity.Visitor;
import io.dropserver.web.page.Page;
import io.dropserver.web.people.NotificationStore.Stored;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/** Shows messages of apps on the home page, and opens them. Thread-safe. */
public final class NotificationPages {
  private static final String PREFIX = "/notifications/";
  private static final String READ_ALL = PREFIX + "read-all";
  private static final Page NOT_FOUND =
      Page.of(404, "Not found", "This message does not exist any more, or is not for you.");

  private final NotificationStore store;
  private final Members members;

  public NotificationPages(NotificationStore store, Members members) {
    this.store = store;
    this.members = members;
  }

  /** Returns the path on the shell's host that opens a message. */
  static String path(String id) {
    return PREFIX + id;
  }

  /** Returns the unread messages of a person, newest first, without those of closed appspaces. */
  public List<Notice> notices(Visitor visitor) {
    String user = visitor.person().name();
    return store.unread(user).stream()
        .flatMap(
            stored ->
                site(stored).stream()
                    .map(
                        site ->
                            new Notice(
                                path(stored.id()),
                                site.appspace(),
                                stored.title(),
                                stored.body(),
                                stored.created())))
        .toList();
  }

  /**
   * Handles a request.
   *
   * @return false when the request is for something else
   */
  public boolean handle(ShellRequest shellRequest, Optional<Visitor> visitor) {
    if (!shellRequest.path().startsWith(PREFIX)) {
      return false;
    }
    if (shellRequest.matches("POST", READ_ALL)) {
      readAll(shellRequest, visitor);
    } else if (!shellRequest.matches("GET", shellRequest.path())) {
      shellRequest.sendNotice(NOT_FOUND);
    } else if (visitor.isEmpty()) {
      shellRequest.redirect(
          "/login?to=" + URLEncoder.encode(shellRequest.path(), StandardCharsets.UTF_8));
    } else {
      open(shellRequest, visitor.get());
    }
    return true;
  }

  private void readAll(ShellRequest shellRequest, Optional<Visitor> visitor) {
    visitor.ifPresent(who -> store.readAll(who.person().name()));
    shellRequest.redirect("/");
  }

  /** Marks the message as read. The id is random, so no other site can form this link. */
  private void open(ShellRequest shellRequest, Visitor visitor) {
    String id = shellRequest.path().substring(PREFIX.length());
    Optional<Stored> stored = store.open(visitor.person().name(), id);
    Optional<Site> site = stored.flatMap(this::site);
    if (stored.isEmpty() || site.isEmpty()) {
      shellRequest.sendNotice(NOT_FOUND);
      return;
    }
    shellRequest.redirect(
        FramePage.Location.ofAppspace(site.get().appspace(), stored.get().path()).shellPath());
  }

  private Optional<Site> site(Stored stored) {
    return members
        .ofIdentity(stored.appspace())
        .filter(site -> site.members().containsKey(stored.user()));
  }
}
