package io.dropserver.web.site;

import io.dropserver.web.frame.FramePage;
import io.dropserver.web.headers.CrossSite;
import io.dropserver.web.home.Appearances;
import io.dropserver.web.home.Appearances.Appearance;
import io.dropserver.web.home.HomePage;
import io.dropserver.web.home.Icons;
import io.dropserver.web.home.Standing;
import io.dropserver.web.identity.AppspaceTag;
import io.dropserver.web.identity.Identity;
import io.dropserver.web.identity.Person;
import io.dropserver.web.identity.ShellPages;
import io.dropserver.web.identity.ShellRequest;
import io.dropserver.web.identity.Visitor;
import io.dropserver.web.page.Page;
import java.net.InetAddress;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/** Serves the shell's pages on the domain itself. Thread-safe. */
final class Shell {
  private static final Page NOT_FOUND =
      Page.of(404, "Not found", "There is no such page, or it is not open to you.");

  private final Identity identity;
  private final Request.Handler machines;

  /** Replaced as a whole. */
  private volatile More more = new More(appspace -> Appearance.UNKNOWN, (asked, visitor) -> false);

  private record More(Appearances appearances, ShellPages pages) {}

  /**
   * @param machines serves other programs, such as webhooks; returns false for other requests
   */
  Shell(Identity identity, Request.Handler machines) {
    this.identity = identity;
    this.machines = machines;
  }

  /** See {@link io.dropserver.web.FrontDoor#pages}. */
  void pages(Appearances appearances, ShellPages pages) {
    more = new More(appearances, pages);
  }

  void handle(
      Request request, Response response, Callback callback, Routes routes, InetAddress client)
      throws Exception {
    if (CrossSite.forbids(request.getMethod(), request.getHeaders(), routes.shell())) {
      Page.of(403, "Not from here", "Only this server's own pages may send it such a request.")
          .send(request, response, routes.shellPages(), callback);
      return;
    }
    routes.shellPages().applyTo(response.getHeaders());
    ShellRequest asked =
        new ShellRequest(request, response, callback, routes.shell(), routes.shellPages(), client);
    if (asked.path().equals("/enter")) {
      identity.handOver(asked, (person, host, tag) -> enters(routes.find(host), person, tag));
      return;
    }
    if (!identity.handle(asked) && !machines.handle(request, response, callback)) {
      page(asked, routes);
    }
  }

  private void page(ShellRequest asked, Routes routes) throws Exception {
    Optional<Visitor> visitor = identity.visitor(asked.request());
    if (frame(asked, visitor, routes)
        || atHost(asked, visitor, routes)
        || icon(asked, visitor, routes)
        || more.pages().handle(asked, visitor)) {
      return;
    }
    if (asked.path().equals("/")) {
      HomePage.send(asked, visitor, places(visitor, routes));
    } else {
      asked.notice(NOT_FOUND);
    }
  }

  private List<HomePage.Place> places(Optional<Visitor> visitor, Routes routes) {
    return routes.openTo(visitor.map(who -> who.person().name()).orElse("")).stream()
        .map(route -> place(route.site()))
        .toList();
  }

  private HomePage.Place place(Site site) {
    Appearance look = more.appearances().of(site.appspace());
    String href = new FramePage.Place(site.appspace(), "/").atShell();
    return new HomePage.Place(site.appspace(), href, standing(site, look), look);
  }

  private static Standing standing(Site site, Appearance look) {
    return switch (site.state()) {
      case Site.Serving _ -> Standing.of(look.activity());
      case Site.Preparing _ -> Standing.PREPARING;
      case Site.Paused _ -> Standing.PAUSED;
      case Site.Failed _ -> Standing.FAILED;
    };
  }

  /**
   * Serves an icon only to admins and to visitors who may open the appspace, so that it does not
   * reveal the appspace to others.
   */
  private boolean icon(ShellRequest asked, Optional<Visitor> visitor, Routes routes)
      throws Exception {
    Optional<String> appspace = Icons.askedFor(asked.path());
    if (appspace.isEmpty()) {
      return false;
    }
    @Nullable Route route = routes.appspace(appspace.get());
    boolean admin = visitor.filter(who -> who.person().admin()).isPresent();
    if (route != null && (admin || opens(route, visitor, ""))) {
      Icons.send(asked, appspace.get(), more.appearances().of(appspace.get()));
    } else {
      asked.notice(NOT_FOUND);
    }
    return true;
  }

  /**
   * Serves the page of an appspace. For a visitor, an appspace without access looks like a missing
   * one.
   */
  private boolean frame(ShellRequest asked, Optional<Visitor> visitor, Routes routes) {
    Optional<FramePage.Place> place =
        FramePage.Place.of(asked.request().getHttpURI().getPathQuery())
            .filter(each -> FramePage.isName(each.appspace()));
    if (place.isEmpty()) {
      return false;
    }
    Optional<Route> route =
        Optional.ofNullable(routes.appspace(place.get().appspace()))
            .filter(each -> opens(each, visitor, place.get().pathQuery()));
    route.ifPresentOrElse(
        each -> frame(asked, visitor, place.get(), each),
        () -> refuse(asked, visitor, place.get().atShell()));
    return true;
  }

  private void frame(
      ShellRequest asked, Optional<Visitor> visitor, FramePage.Place place, Route route) {
    FramePage.send(
        place,
        route.origin(),
        route.site().browser(),
        start(route, visitor),
        tag(route).appspace(),
        route.shell(),
        visitor.map(Visitor::viewer),
        asked.request(),
        asked.response(),
        asked.callback());
  }

  /** Redirects from a host to the page of its appspace. */
  private static boolean atHost(ShellRequest asked, Optional<Visitor> visitor, Routes routes) {
    Optional<FramePage.Host> host =
        FramePage.Host.of(asked.request().getHttpURI().getPathQuery())
            .filter(each -> FramePage.isName(each.label()));
    if (host.isEmpty()) {
      return false;
    }
    String pathQuery = host.get().pathQuery();
    Optional<Route> route =
        Optional.ofNullable(routes.below(host.get().label()))
            .filter(each -> opens(each, visitor, pathQuery));
    route.ifPresentOrElse(
        each -> asked.leadTo(new FramePage.Place(each.site().appspace(), pathQuery).atShell()),
        () -> refuse(asked, visitor, host.get().atShell()));
    return true;
  }

  /**
   * Refuses access. A visitor who is not logged in may be a member, and is redirected to the
   * log-in.
   */
  private static void refuse(ShellRequest asked, Optional<Visitor> visitor, String atShell) {
    if (visitor.isPresent()) {
      asked.notice(NOT_FOUND);
    } else {
      asked.leadTo("/login?to=" + URLEncoder.encode(atShell, StandardCharsets.UTF_8));
    }
  }

  private Optional<String> enters(@Nullable Route route, Person person, String tag) {
    return Optional.ofNullable(route)
        .filter(each -> member(each, person))
        .filter(each -> tag.isEmpty() || tag.equals(tag(each).appspace()))
        .map(each -> each.site().identity());
  }

  /**
   * Decides how the frame starts. A visitor without access to the whole appspace can open a public
   * path directly, without the entrance.
   */
  private static FramePage.Start start(Route route, Optional<Visitor> visitor) {
    if (visitor.filter(who -> member(route, who.person())).isPresent()) {
      return FramePage.Start.AS_MEMBER;
    }
    return route.site().open() ? FramePage.Start.AS_GUEST : FramePage.Start.AT_ONCE;
  }

  private AppspaceTag tag(Route route) {
    Site site = route.site();
    return identity.tag(site.host(), site.identity(), site.version());
  }

  /**
   * Whether a visitor may see a page of an appspace.
   *
   * @param pathQuery empty for the appspace as a whole
   */
  private static boolean opens(Route route, Optional<Visitor> visitor, String pathQuery) {
    return route.site().open(pathQuery.split("\\?", 2)[0])
        || visitor.filter(who -> member(route, who.person())).isPresent();
  }

  private static boolean member(Route route, Person person) {
    return route.site().members().containsKey(person.name());
  }
}
