package io.dropserver.web.site;

import io.dropserver.state.site.Person;
import io.dropserver.state.site.Site;
import io.dropserver.web.frame.FramePage;
import io.dropserver.web.headers.CrossSite;
import io.dropserver.web.home.AppMetadataSource;
import io.dropserver.web.home.AppMetadataSource.AppMetadata;
import io.dropserver.web.home.AppspaceState;
import io.dropserver.web.home.HomePage;
import io.dropserver.web.home.Icons;
import io.dropserver.web.identity.Identity;
import io.dropserver.web.identity.ShellPages;
import io.dropserver.web.identity.ShellPages.Notice;
import io.dropserver.web.identity.ShellRequest;
import io.dropserver.web.identity.Visitor;
import io.dropserver.web.page.Exchange;
import io.dropserver.web.page.Page;
import java.net.InetAddress;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;

/**
 * Handles requests to the shell's host, which is the domain itself. Thread-safe.
 *
 * @param apiHandler handles requests of other programs, such as webhooks; returns false for other
 *     requests
 * @param appMetadataSource the metadata for the cards of the home page
 * @param pages handles the paths for which this class has no handler
 */
record ShellHandler(
    Identity identity,
    Request.Handler apiHandler,
    AppMetadataSource appMetadataSource,
    ShellPages pages) {
  private static final Page NOT_FOUND =
      Page.of(404, "Not found", "This page does not exist, or you may not see it.");

  void handle(Exchange exchange, HostRoutes hostRoutes, InetAddress client) throws Exception {
    Request request = exchange.request();
    if (CrossSite.forbids(request.getMethod(), request.getHeaders(), hostRoutes.shell())) {
      Page.of(403, "Not allowed", "Only this server's own pages may send this request.")
          .send(exchange);
      return;
    }
    exchange.policy().applyTo(exchange.response().getHeaders());
    ShellRequest shellRequest = new ShellRequest(exchange, hostRoutes.shell(), client);
    if (shellRequest.path().equals("/enter")) {
      identity.issueHandOverCode(
          shellRequest, (person, host, tag) -> entryIdentity(hostRoutes.find(host), person, tag));
      return;
    }
    if (!identity.handle(shellRequest)
        && !apiHandler.handle(request, exchange.response(), exchange.callback())) {
      page(shellRequest, hostRoutes);
    }
  }

  private void page(ShellRequest shellRequest, HostRoutes hostRoutes) throws Exception {
    if (shellRequest.refuseForgedPost()) {
      return;
    }
    Optional<Visitor> visitor = identity.visitor(shellRequest.request());
    if (appspace(shellRequest, visitor, hostRoutes)
        || icon(shellRequest, visitor, hostRoutes)
        || pages.handle(shellRequest, visitor)) {
      return;
    }
    if (shellRequest.path().equals("/")) {
      List<Notice> notices = visitor.map(pages::notices).orElse(List.of());
      HomePage.send(shellRequest, visitor, cards(visitor, hostRoutes, notices), notices);
    } else {
      shellRequest.sendNotice(NOT_FOUND, visitor);
    }
  }

  private List<HomePage.HomeCard> cards(
      Optional<Visitor> visitor, HostRoutes hostRoutes, List<Notice> notices) {
    return hostRoutes.visibleTo(visitor.map(who -> who.person().name()).orElse("")).stream()
        .map(route -> card(route.site(), notices))
        .toList();
  }

  private HomePage.HomeCard card(Site site, List<Notice> notices) {
    AppMetadata metadata = appMetadataSource.of(site.appspace());
    String href = FramePage.Location.ofAppspace(site.appspace(), "/").shellPath();
    long unread = notices.stream().filter(n -> n.appspace().equals(site.appspace())).count();
    return HomePage.card(site.appspace(), href, standing(site, metadata), metadata, unread);
  }

  private static AppspaceState standing(Site site, AppMetadata metadata) {
    return switch (site.state()) {
      case Site.Serving _ -> AppspaceState.of(metadata.activity());
      case Site.Preparing _ -> AppspaceState.PREPARING;
      case Site.Paused _ -> AppspaceState.PAUSED;
      case Site.Failed _ -> AppspaceState.FAILED;
    };
  }

  /**
   * Serves an icon only to admins and to visitors who may open the appspace, so that others cannot
   * learn that the appspace exists.
   */
  private boolean icon(ShellRequest shellRequest, Optional<Visitor> visitor, HostRoutes hostRoutes)
      throws Exception {
    Optional<String> appspace = Icons.requestedAppspace(shellRequest.path());
    if (appspace.isEmpty()) {
      return false;
    }
    @Nullable Route route = hostRoutes.appspace(appspace.get());
    boolean admin = visitor.filter(who -> who.person().admin()).isPresent();
    if (route != null && (admin || mayView(route, visitor, ""))) {
      Icons.send(shellRequest, appspace.get(), appMetadataSource.of(appspace.get()));
    } else {
      shellRequest.sendNotice(NOT_FOUND);
    }
    return true;
  }

  /**
   * Serves the page of an appspace, and redirects from a host to the page of its appspace. The
   * response to a visitor without access is the same as for an appspace that does not exist.
   */
  private boolean appspace(
      ShellRequest shellRequest, Optional<Visitor> visitor, HostRoutes hostRoutes) {
    Optional<FramePage.Location> found =
        FramePage.Location.parse(shellRequest.request().getHttpURI().getPathQuery());
    if (found.isEmpty()) {
      return false;
    }
    FramePage.Location location = found.get();
    String pathQuery = location.pathQuery();
    @Nullable Route route =
        location.isByHost()
            ? hostRoutes.byLabel(location.name())
            : hostRoutes.appspace(location.name());
    if (route != null && isPausedFor(route, visitor)) {
      shellRequest.sendNotice(
          FailurePages.paused(route.site().appspace(), manages(route, visitor)), visitor);
    } else if (route == null || !mayView(route, visitor, pathQuery)) {
      refuse(shellRequest, visitor, location.shellPath());
    } else if (location.isByHost()) {
      shellRequest.redirect(
          FramePage.Location.ofAppspace(route.site().appspace(), pathQuery).shellPath());
    } else {
      frame(shellRequest, visitor, location, route);
    }
    return true;
  }

  /** Returns whether the visitor may know that the appspace is paused. Strangers may not. */
  private static boolean isPausedFor(Route route, Optional<Visitor> visitor) {
    return route.site().state() instanceof Site.Paused
        && (manages(route, visitor)
            || visitor.filter(who -> isMember(route, who.person())).isPresent());
  }

  private static boolean manages(Route route, Optional<Visitor> visitor) {
    return visitor.filter(who -> route.isManagedBy(who.person())).isPresent();
  }

  private void frame(
      ShellRequest shellRequest,
      Optional<Visitor> visitor,
      FramePage.Location location,
      Route route) {
    boolean manages = manages(route, visitor);
    if (manages && route.site().state() instanceof Site.Failed) {
      // The frame could not open this page's link.
      shellRequest.sendNotice(FailurePages.failedForOwner(route.site().appspace()), visitor);
      return;
    }
    boolean failing =
        appMetadataSource.of(route.site().appspace()).activity()
            == AppMetadataSource.Activity.FAILING;
    FramePage.send(
        location,
        route.origin(),
        route.site().browser(),
        start(route, visitor),
        identity.tag(route.site()).appspace(),
        route.shell(),
        visitor.map(Visitor::viewer),
        manages && failing ? FailurePages.dashboardPath(route.site().appspace()) : "",
        pages.reloadVersion(),
        shellRequest.exchange());
  }

  /** Sends the "not found" page, or redirects a visitor who is not logged in to the log-in. */
  private static void refuse(ShellRequest shellRequest, Optional<Visitor> visitor, String atShell) {
    if (visitor.isPresent()) {
      shellRequest.sendNotice(NOT_FOUND, visitor);
    } else {
      shellRequest.redirect("/login?to=" + URLEncoder.encode(atShell, StandardCharsets.UTF_8));
    }
  }

  private Optional<String> entryIdentity(@Nullable Route route, Person person, String tag) {
    return Optional.ofNullable(route)
        .filter(each -> isMember(each, person))
        .filter(each -> tag.isEmpty() || tag.equals(identity.tag(each.site()).appspace()))
        .map(each -> each.site().identity());
  }

  /**
   * Decides how the frame starts. A visitor who may open only public paths gets them without the
   * entrance.
   */
  private static FramePage.Start start(Route route, Optional<Visitor> visitor) {
    if (visitor.filter(who -> isMember(route, who.person())).isPresent()) {
      return FramePage.Start.AS_MEMBER;
    }
    return route.site().isOpen() ? FramePage.Start.AS_GUEST : FramePage.Start.DIRECT;
  }

  /**
   * Returns whether a visitor may see a page of an appspace.
   *
   * @param pathQuery empty for the whole appspace
   */
  private static boolean mayView(Route route, Optional<Visitor> visitor, String pathQuery) {
    return route.site().isOpen(pathQuery.split("\\?", 2)[0])
        || visitor.filter(who -> isMember(route, who.person())).isPresent();
  }

  private static boolean isMember(Route route, Person person) {
    return route.site().members().containsKey(person.name());
  }
}
