package io.dropserver.web.dashboard;

import io.dropserver.web.control.Control;
import io.dropserver.web.control.UserControl;
import io.dropserver.web.dashboard.LiveStream.LogTail;
import io.dropserver.web.identity.Identity;
import io.dropserver.web.identity.ShellPages;
import io.dropserver.web.identity.ShellRequest;
import io.dropserver.web.identity.Visitor;
import io.dropserver.web.page.Chrome;
import io.dropserver.web.page.Chrome.Section;
import io.dropserver.web.page.Page;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;

/**
 * The pages below {@code <domain>/dashboard}. What Git declares is read-only here. Every page
 * checks the visitor's permissions anew, and every stream does so several times a second.
 * Thread-safe.
 */
public final class Dashboard implements ShellPages, AutoCloseable {
  private static final String ROOT = "/dashboard";
  private static final String APPSPACE = ROOT + "/a/";
  private static final String EVENTS = "/events";
  private static final Page NOT_FOUND =
      Page.of(404, "Not found", "There is no such page, or it is not yours to see.");
  private static final Page NOT_YOURS =
      Page.of(403, "Not yours", "The dashboard is for admins, and for owners of appspaces.");

  private final Sources sources;
  private final Identity identity;
  private final People people;
  private final DecisionPage decisions;
  private final LiveStreams streams = new LiveStreams();

  public Dashboard(Sources sources, Identity identity, UserControl users, Control control) {
    this.sources = sources;
    this.identity = identity;
    this.people = new People(users, sources.clock());
    this.decisions = new DecisionPage(sources, control);
  }

  @Override
  public boolean handle(ShellRequest asked, Optional<Visitor> visitor) throws IOException {
    String path = asked.path();
    if (!path.equals(ROOT) && !path.startsWith(ROOT + "/")) {
      return false;
    }
    if (visitor.isEmpty()) {
      asked.leadTo("/login?to=" + URLEncoder.encode(path, StandardCharsets.UTF_8));
      return true;
    }
    Sight sight = sight(visitor.get());
    if (!sight.any()) {
      asked.notice(NOT_YOURS);
    } else if (!decisions.handle(asked, visitor.get(), sight)
        && (!sight.person().admin() || !people.handle(asked, visitor.get()))) {
      look(asked, visitor.get(), sight);
    }
    return true;
  }

  private Sight sight(Visitor visitor) {
    return new Sight(visitor.person(), sources.details());
  }

  private void look(ShellRequest asked, Visitor visitor, Sight sight) throws IOException {
    String path = asked.path();
    if (!asked.is("GET", path)) {
      asked.response().getHeaders().put(HttpHeader.ALLOW, "GET, HEAD");
      asked.notice(Page.of(405, "Not allowed", "Use the buttons of this server's own pages."));
    } else if (path.equals(ROOT)) {
      overview(asked, visitor, sight);
    } else if (path.equals(ROOT + EVENTS)) {
      stream(asked, visitor, Optional.empty());
    } else if (path.startsWith(APPSPACE) && path.endsWith(EVENTS)) {
      String name = path.substring(APPSPACE.length(), path.length() - EVENTS.length());
      stream(asked, visitor, Optional.of(name));
    } else {
      appspace(asked, visitor, path.startsWith(APPSPACE) ? path.substring(APPSPACE.length()) : "");
    }
  }

  private void overview(ShellRequest asked, Visitor visitor, Sight sight) {
    asked.page(
        200,
        "dashboard/overview",
        Map.of(
            "chrome", chrome("Dashboard", visitor),
            "page", Overview.of(sources, sight),
            "admin", sight.person().admin(),
            "decidable", sources.details().decidesHere()));
  }

  private void appspace(ShellRequest asked, Visitor visitor, String name) throws IOException {
    Optional<AppspaceReport> found = report(name, visitor);
    if (found.isEmpty()) {
      asked.notice(NOT_FOUND);
      return;
    }
    AppspaceReport report = found.get();
    List<Rows.OfLog> log = report.inside() ? AppspaceReport.log(name, sources) : List.of();
    asked.page(
        200,
        "dashboard/appspace",
        Map.of(
            "chrome",
            chrome(name + " · Dashboard", visitor),
            "page",
            report,
            "log",
            log,
            "admin",
            visitor.person().admin(),
            "decidable",
            sources.details().decidesHere()));
  }

  private Optional<AppspaceReport> report(String name, Visitor visitor) {
    Sight sight = sight(visitor);
    return sight.outside(name) ? AppspaceReport.of(name, sources, sight) : Optional.empty();
  }

  private static Chrome chrome(String title, Visitor visitor) {
    return Chrome.of(title, Optional.of(visitor.viewer()), Section.DASHBOARD)
        .withScripts("dashboard.js");
  }

  /**
   * @param appspace the appspace whose page opens the stream; empty for the overview
   */
  private void stream(ShellRequest asked, Visitor visitor, Optional<String> appspace)
      throws IOException {
    if (!may(visitor, appspace)) {
      asked.notice(NOT_FOUND);
      return;
    }
    Optional<LiveStreams.Place> entered =
        streams.enter(visitor.session().user(), visitor.session().id());
    if (entered.isEmpty()) {
      asked.text(429, "too many pages of the dashboard are open");
      return;
    }
    try (LiveStreams.Place _ = entered.get()) {
      asked.response().getHeaders().put(HttpHeader.CONTENT_TYPE, "text/event-stream");
      asked.response().getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
      // A reverse proxy such as nginx would otherwise buffer the events.
      asked.response().getHeaders().put("X-Accel-Buffering", "no");
      run(asked, visitor, appspace);
      asked.callback().succeeded();
    } catch (IOException left) {
      asked.callback().failed(left);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      asked.callback().failed(e);
    }
  }

  private void run(ShellRequest asked, Visitor visitor, Optional<String> appspace)
      throws IOException, InterruptedException {
    boolean inside = appspace.filter(sight(visitor)::inside).isPresent();
    LiveStream stream =
        new LiveStream(
            Content.Sink.asOutputStream(asked.response()),
            () ->
                may(visitor, appspace)
                    && inside == appspace.filter(sight(visitor)::inside).isPresent(),
            () ->
                appspace.isPresent()
                    ? report(appspace.get(), visitor)
                    : Overview.of(sources, sight(visitor)));
    if (!inside) {
      stream.run(Optional.empty());
      return;
    }
    try (LogTail log = new LogTail(sources.view(), appspace.orElseThrow())) {
      stream.run(Optional.of(log));
    }
  }

  /**
   * The visitor was authenticated when the stream began; this checks that the session and the user
   * are unchanged.
   */
  private boolean may(Visitor visitor, Optional<String> appspace) {
    Sight sight = sight(visitor);
    return !streams.isClosed()
        && identity.admits(visitor)
        && sight.any()
        && appspace.map(sight::outside).orElse(true);
  }

  /** The number of open streams. */
  int openStreams() {
    return streams.count();
  }

  /** Ends all open streams within a second. */
  @Override
  public void close() {
    streams.close();
  }
}
