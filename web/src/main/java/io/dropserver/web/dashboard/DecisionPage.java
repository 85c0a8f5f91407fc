package io.dropserver.web.dashboard;

import io.dropserver.control.ApprovalStatus;
import io.dropserver.control.AuditTrail;
import io.dropserver.control.Control;
import io.dropserver.control.ControlException;
import io.dropserver.web.identity.Form;
import io.dropserver.web.identity.ShellRequest;
import io.dropserver.web.identity.Visitor;
import io.dropserver.web.page.Page;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Lets people approve or deny egress requests if {@code approvals.decide} permits it. The decision
 * is committed in the person's name, as with {@code dropserver approvals}. Thread-safe.
 */
record DecisionPage(DashboardSources dashboardSources, Control control, AuditTrail audit) {
  static final String PATH = "/dashboard/approvals/";
  private static final String APPROVE = "/approve";
  private static final String DENY = "/deny";
  private static final String METHOD = "method-";

  /**
   * The response to a decision that was already made, for example after two presses of the button.
   */
  private static final Page NOT_PENDING =
      Page.of(
          409, "Nothing to decide", "This request is already decided, or you may not decide it.");

  /**
   * Handles a request. The visitor may open the dashboard.
   *
   * @return false for other paths, and for the page of a request that is not pending or that the
   *     visitor may not decide
   */
  boolean handle(ShellRequest shellRequest, Visitor visitor, DashboardAccess dashboardAccess)
      throws IOException {
    if (!shellRequest.path().startsWith(PATH) || !dashboardAccess.canDecide()) {
      return false;
    }
    String[] rest = shellRequest.path().substring(PATH.length()).split("(?=/)", 2);
    String action = rest.length == 2 ? rest[1] : "";
    Optional<ApprovalStatus> found = findPending(rest[0], dashboardAccess);
    if (found.isEmpty()) {
      boolean late = shellRequest.matches("POST", shellRequest.path());
      if (late) {
        shellRequest.sendNotice(NOT_PENDING, Optional.of(visitor));
      }
      return late;
    }
    if (shellRequest.matches("GET", shellRequest.path()) && action.isEmpty()) {
      show(shellRequest, 200, visitor, found.get(), "");
    } else if (shellRequest.matches("POST", shellRequest.path())
        && (action.equals(APPROVE) || action.equals(DENY))) {
      decide(shellRequest, visitor, found.get(), action.equals(APPROVE));
    } else {
      return false;
    }
    return true;
  }

  private Optional<ApprovalStatus> findPending(String id, DashboardAccess dashboardAccess) {
    return dashboardSources.view().approvals().stream()
        .filter(each -> each.id().equals(id) && PendingApprovalRow.isPending(each))
        .filter(each -> dashboardAccess.canView(each.appspace()))
        .findFirst();
  }

  /**
   * Approves or denies a request. Requires a recent log-in, as for a change of credentials, because
   * an unattended browser or a stolen session must not extend a whitelist.
   */
  private void decide(
      ShellRequest shellRequest, Visitor visitor, ApprovalStatus request, boolean approved)
      throws IOException {
    if (!visitor.isFresh(dashboardSources.clock().instant())) {
      shellRequest.redirect("/login?again=1&to=" + PATH + request.id());
      return;
    }
    try {
      String by = visitor.person().name();
      Form form = Form.ofBody(shellRequest.request(), Form.LONG);
      audit.perform(
          visitor.auditSource(shellRequest),
          approved ? "approval approve" : "approval deny",
          "approval/" + request.id() + " appspace/" + request.appspace(),
          () -> {
            if (approved) {
              approve(request, form, by);
            } else {
              control.deny(request.id(), by);
            }
          });
      shellRequest.redirect("/dashboard/a/" + request.appspace() + "?decided=" + request.id());
    } catch (ControlException e) {
      show(shellRequest, 409, visitor, request, DisplayText.line(String.valueOf(e.getMessage())));
    }
  }

  /**
   * Returns the confirmation of a decision that was just made; empty if the request is unknown,
   * belongs to another appspace or still waits.
   *
   * @param id from the address, which anyone may have written
   */
  String outcome(String appspace, String id) {
    return dashboardSources.view().approvals().stream()
        .filter(each -> each.id().equals(id) && each.appspace().equals(appspace))
        .findFirst()
        .map(
            each ->
                switch (each.state()) {
                  case "granted" ->
                      "Allowed: "
                          + String.join(", ", PendingApprovalRow.of(each).destinations())
                          + ". It applies once the commit in your name is in service.";
                  case "denied" -> "Denied. The same request is not shown again.";
                  default -> "";
                })
        .orElse("");
  }

  private void approve(ApprovalStatus request, Form form, String by) {
    Optional<String> expires = Optional.of(form.get("for")).filter(end -> !end.isEmpty());
    if (!request.suggested().isEmpty()) {
      control.approve(request.id(), Optional.empty(), List.of(), expires, by);
      return;
    }
    List<String> methods =
        request.methods().stream().filter(each -> !form.get(METHOD + each).isEmpty()).toList();
    if (methods.isEmpty()) {
      throw new ControlException("choose a method, or deny the request");
    }
    String url = form.get("url").strip();
    control.approve(
        request.id(),
        Optional.of(url).filter(narrower -> !narrower.isEmpty()),
        methods,
        expires,
        by);
  }

  private void show(
      ShellRequest shellRequest,
      int status,
      Visitor visitor,
      ApprovalStatus request,
      String problem) {
    shellRequest.sendPage(
        status,
        "dashboard/decision",
        Map.of(
            "chrome", Dashboard.chrome("Decide · Dashboard", visitor),
            "ask", PendingApprovalRow.of(request),
            "url", request.suggested().isEmpty() ? DisplayText.line(request.url()) : "",
            "methods", request.methods().stream().map(DisplayText::line).toList(),
            "fresh", visitor.isFresh(dashboardSources.clock().instant()),
            "admin", visitor.person().admin(),
            "problem", problem));
  }
}
