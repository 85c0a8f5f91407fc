package io.dropserver.web.dashboard;

import io.dropserver.control.AuditTrail;
import io.dropserver.control.ControlException;
import io.dropserver.control.UpdateControl;
import io.dropserver.control.UpdateStatus;
import io.dropserver.web.identity.Form;
import io.dropserver.web.identity.ShellRequest;
import io.dropserver.web.identity.Visitor;
import io.dropserver.web.page.Page;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Lets admins merge or decline new versions of apps if {@code approvals.decide} permits it. The
 * decision is committed in the person's name. Thread-safe.
 */
record UpdatePage(DashboardSources dashboardSources, UpdateControl updates, AuditTrail audit) {
  static final String PATH = "/dashboard/updates/";
  private static final String MERGE = "merge";
  private static final String DECLINE = "decline";
  private static final Page NOT_OFFERED =
      Page.of(
          409, "Nothing to decide", "This version is already decided, or not offered any more.");

  /** Returns the offers that the visitor may decide. */
  List<UpdateStatus> offers(DashboardAccess dashboardAccess) {
    return dashboardAccess.person().admin() && dashboardAccess.canDecide()
        ? updates.updates()
        : List.of();
  }

  /**
   * Handles a request. The visitor may open the dashboard.
   *
   * @return false for other paths, and for the page of a version that is not offered or that the
   *     visitor may not decide
   */
  boolean handle(ShellRequest shellRequest, Visitor visitor, DashboardAccess dashboardAccess)
      throws IOException {
    if (!shellRequest.path().startsWith(PATH)) {
      return false;
    }
    String[] rest = shellRequest.path().substring(PATH.length()).split("/", -1);
    boolean posted = shellRequest.matches("POST", shellRequest.path());
    Optional<UpdateStatus> found =
        offers(dashboardAccess).stream()
            .filter(update -> rest.length >= 2)
            .filter(update -> update.app().equals(rest[0]) && update.version().equals(rest[1]))
            .findFirst();
    if (found.isEmpty()) {
      if (posted) {
        shellRequest.sendNotice(NOT_OFFERED, Optional.of(visitor));
      }
      return posted;
    }
    if (shellRequest.matches("GET", shellRequest.path()) && rest.length == 2) {
      show(shellRequest, 200, visitor, found.get(), "");
      return true;
    }
    boolean decides = rest.length == 3 && (rest[2].equals(MERGE) || rest[2].equals(DECLINE));
    if (posted && decides) {
      decide(shellRequest, visitor, found.get(), rest[2].equals(MERGE));
    }
    return posted && decides;
  }

  /**
   * Requires a recent log-in, because an unattended browser or a stolen session must not change
   * which code runs.
   */
  private void decide(
      ShellRequest shellRequest, Visitor visitor, UpdateStatus update, boolean merged)
      throws IOException {
    if (!visitor.isFresh(dashboardSources.clock().instant())) {
      shellRequest.redirect("/login?again=1&to=" + path(update));
      return;
    }
    String by = visitor.person().name();
    try {
      Form form = Form.ofBody(shellRequest.request(), Form.LONG);
      audit.perform(
          visitor.auditSource(shellRequest),
          merged ? "update merge" : "update decline",
          "update/" + update.app() + "/" + update.version(),
          () -> {
            if (merged) {
              updates.merge(update.app(), update.version(), form.get("commit"), by);
            } else {
              updates.decline(update.app(), update.version(), by);
            }
          });
      shellRequest.sendNotice(outcome(update, merged), Optional.of(visitor));
    } catch (ControlException e) {
      show(shellRequest, 409, visitor, update, DisplayText.line(String.valueOf(e.getMessage())));
    }
  }

  private static Page outcome(UpdateStatus update, boolean merged) {
    String version = update.app() + " " + update.version();
    return merged
        ? Page.of(
            200,
            "Upgrading",
            version + " is committed in your name. It runs once that commit is in service.")
        : Page.of(200, "Declined", version + " is not offered again. A later version is.");
  }

  private static String path(UpdateStatus update) {
    return PATH + update.app() + "/" + update.version();
  }

  private void show(
      ShellRequest shellRequest, int status, Visitor visitor, UpdateStatus update, String problem) {
    shellRequest.sendPage(
        status,
        "dashboard/update",
        Map.of(
            "chrome", Dashboard.chrome("Update · Dashboard", visitor),
            "update", UpdateRow.of(update),
            "fresh", visitor.isFresh(dashboardSources.clock().instant()),
            "problem", problem));
  }
}
