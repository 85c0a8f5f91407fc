package io.dropserver.web.dashboard;

import io.dropserver.control.AuditTrail;
import io.dropserver.control.Control;
import io.dropserver.control.RestoreControl;
import io.dropserver.control.UpdateControl;
import io.dropserver.control.UserControl;
import io.dropserver.web.dashboard.LiveStream.LogTail;
import io.dropserver.web.identity.Form;
import io.dropserver.web.identity.Identity;
import io.dropserver.web.identity.ShellPages;
import io.dropserver.web.identity.ShellRequest;
import io.dropserver.web.identity.Visitor;
import io.dropserver.web.page.Page;
import io.dropserver.web.page.PageLayout;
import io.dropserver.web.page.PageLayout.Section;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;

/**
 * Serves the pages below {@code <domain>/dashboard}. State that Git declares is read-only here. The
 * visitor's permissions are checked for every request, and in open streams every 400 ms.
 * Thread-safe.
 */
public final class Dashboard implements ShellPages, AutoCloseable {
  private static final String ROOT = "/dashboard";
  private static final String APPSPACE = ROOT + "/a/";
  private static final String EVENTS = "/events";
  private static final Page NOT_FOUND =
      Page.of(404, "Not found", "This page does not exist, or you may not see it.");
  private static final Page NOT_YOURS =
      Page.of(403, "Not allowed", "The dashboard is for admins, and for owners of appspaces.");

  private final DashboardSources dashboardSources;
  private final Identity identity;
  private final PeoplePage peoplePage;
  private final DecisionPage decisions;
  private final RestorePage restorePage;
  private final UpdatePage updatePage;
  private final LiveStreamLimits streams = new LiveStreamLimits();

  public Dashboard(
      DashboardSources dashboardSources,
      Identity identity,
      UserControl users,
      Control control,
      RestoreControl restores,
      UpdateControl updates,
      AuditTrail audit) {
    this.dashboardSources = dashboardSources;
    this.identity = identity;
    this.peoplePage = new PeoplePage(users, audit, dashboardSources.clock());
    this.decisions = new DecisionPage(dashboardSources, control, audit);
    this.restorePage = new RestorePage(dashboardSources, restores, audit);
    this.updatePage = new UpdatePage(dashboardSources, updates, audit);
  }

  @Override
  public boolean handle(ShellRequest shellRequest, Optional<Visitor> visitor) throws IOException {
    String path = shellRequest.path();
    if (!path.equals(ROOT) && !path.startsWith(ROOT + "/")) {
      return false;
    }
    if (visitor.isEmpty()) {
      shellRequest.redirect("/login?to=" + URLEncoder.encode(path, StandardCharsets.UTF_8));
      return true;
    }
    DashboardAccess dashboardAccess = accessOf(visitor.get());
    if (!dashboardAccess.hasDashboard()) {
      shellRequest.sendNotice(NOT_YOURS, visitor);
    } else if (!decisions.handle(shellRequest, visitor.get(), dashboardAccess)
        && !restorePage.handle(shellRequest, visitor.get(), dashboardAccess)
        && !updatePage.handle(shellRequest, visitor.get(), dashboardAccess)
        && (!dashboardAccess.person().admin() || !peoplePage.handle(shellRequest, visitor.get()))) {
      servePage(shellRequest, visitor.get(), dashboardAccess);
    }
    return true;
  }

  private DashboardAccess accessOf(Visitor visitor) {
    return new DashboardAccess(visitor.person(), dashboardSources.details());
  }

  private void servePage(
      ShellRequest shellRequest, Visitor visitor, DashboardAccess dashboardAccess)
      throws IOException {
    String path = shellRequest.path();
    if (!shellRequest.matches("GET", path)) {
      shellRequest.response().getHeaders().put(HttpHeader.ALLOW, "GET, HEAD");
      shellRequest.sendNotice(
          Page.of(405, "Not allowed", "Use the buttons of this server's own pages."),
          Optional.of(visitor));
    } else if (path.equals(ROOT)) {
      overview(shellRequest, visitor, dashboardAccess);
    } else if (path.equals(ROOT + EVENTS)) {
      stream(shellRequest, visitor, Optional.empty());
    } else if (path.startsWith(APPSPACE) && path.endsWith(EVENTS)) {
      String name = path.substring(APPSPACE.length(), path.length() - EVENTS.length());
      stream(shellRequest, visitor, Optional.of(name));
    } else {
      appspace(
          shellRequest,
          visitor,
          path.startsWith(APPSPACE) ? path.substring(APPSPACE.length()) : "");
    }
  }

  private void overview(
      ShellRequest shellRequest, Visitor visitor, DashboardAccess dashboardAccess) {
    shellRequest.sendPage(
        200,
        "dashboard/overview",
        Map.of(
            "chrome", chrome("Dashboard", visitor),
            "page", Overview.of(dashboardSources, dashboardAccess),
            "updates", updatePage.offers(dashboardAccess).stream().map(UpdateRow::of).toList(),
            "admin", dashboardAccess.person().admin(),
            "access", dashboardAccess));
  }

  private void appspace(ShellRequest shellRequest, Visitor visitor, String name)
      throws IOException {
    Optional<AppspaceReport> found = report(name, visitor);
    if (found.isEmpty()) {
      shellRequest.sendNotice(NOT_FOUND, Optional.of(visitor));
      return;
    }
    AppspaceReport report = found.get();
    List<TableRows.LogRow> log =
        report.canViewInside() ? AppspaceReport.log(name, dashboardSources) : List.of();
    shellRequest.sendPage(
        200,
        "dashboard/appspace",
        Map.of(
            "chrome", chrome(name + " · Dashboard", visitor),
            "page", report,
            "log", log,
            "admin", visitor.person().admin(),
            "access", accessOf(visitor),
            "done", decisions.outcome(name, Form.ofQuery(shellRequest.request()).get("decided"))));
  }

  private Optional<AppspaceReport> report(String name, Visitor visitor) {
    DashboardAccess dashboardAccess = accessOf(visitor);
    return dashboardAccess.canView(name)
        ? AppspaceReport.of(name, dashboardSources, dashboardAccess)
        : Optional.empty();
  }

  static PageLayout chrome(String title, Visitor visitor) {
    return PageLayout.of(title, Optional.of(visitor.viewer()), Section.DASHBOARD)
        .withScripts("dashboard.js");
  }

  /**
   * Streams the events of one page.
   *
   * @param appspace the appspace whose page opened the stream; empty for the overview
   */
  private void stream(ShellRequest shellRequest, Visitor visitor, Optional<String> appspace)
      throws IOException {
    if (!hasAccess(visitor, appspace)) {
      shellRequest.sendNotice(NOT_FOUND);
      return;
    }
    Optional<LiveStreamLimits.StreamSlot> entered =
        streams.tryOpen(visitor.session().user(), visitor.session().id());
    if (entered.isEmpty()) {
      shellRequest.sendText(429, "too many pages of the dashboard are open");
      return;
    }
    try (LiveStreamLimits.StreamSlot _ = entered.get()) {
      shellRequest.response().getHeaders().put(HttpHeader.CONTENT_TYPE, "text/event-stream");
      shellRequest.response().getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
      // A reverse proxy such as nginx would otherwise buffer the events.
      shellRequest.response().getHeaders().put("X-Accel-Buffering", "no");
      run(shellRequest, visitor, appspace);
      shellRequest.exchange().callback().succeeded();
    } catch (IOException left) {
      shellRequest.exchange().callback().failed(left);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      shellRequest.exchange().callback().failed(e);
    }
  }

  private void run(ShellRequest shellRequest, Visitor visitor, Optional<String> appspace)
      throws IOException, InterruptedException {
    boolean inside = appspace.filter(accessOf(visitor)::canViewInside).isPresent();
    LiveStream stream =
        new LiveStream(
            Content.Sink.asOutputStream(shellRequest.response()),
            () ->
                hasAccess(visitor, appspace)
                    && inside == appspace.filter(accessOf(visitor)::canViewInside).isPresent(),
            () ->
                appspace.isPresent()
                    ? report(appspace.get(), visitor)
                    : Overview.of(dashboardSources, accessOf(visitor)));
    if (!inside) {
      stream.run(Optional.empty());
      return;
    }
    try (LogTail log = new LogTail(dashboardSources.view(), appspace.orElseThrow())) {
      stream.run(Optional.of(log));
    }
  }

  /**
   * Returns whether the visitor, who was authenticated for the request, still has access: the
   * session is active, the user is unchanged, and the dashboard is open.
   */
  private boolean hasAccess(Visitor visitor, Optional<String> appspace) {
    DashboardAccess dashboardAccess = accessOf(visitor);
    return !streams.isClosed()
        && identity.isStillAdmitted(visitor)
        && dashboardAccess.hasDashboard()
        && appspace.map(dashboardAccess::canView).orElse(true);
  }

  /** Ends all open streams within a second. */
  @Override
  public void close() {
    streams.close();
  }
}
