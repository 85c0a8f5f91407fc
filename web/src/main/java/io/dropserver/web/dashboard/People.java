package io.dropserver.web.dashboard;

import io.dropserver.schema.text.VisibleText;
import io.dropserver.web.control.ControlException;
import io.dropserver.web.control.UserControl;
import io.dropserver.web.identity.Form;
import io.dropserver.web.identity.ShellRequest;
import io.dropserver.web.identity.Visitor;
import io.dropserver.web.page.Chrome;
import io.dropserver.web.page.Chrome.Section;
import io.dropserver.web.page.Page;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Lets admins create login links for people and remove credentials that they lost. Thread-safe. */
public final class People {
  static final String PATH = "/dashboard/people";
  private static final String ENROL = PATH + "/enrol";
  private static final String FORGET = PATH + "/forget";

  private final UserControl users;
  private final InstantSource clock;

  People(UserControl users, InstantSource clock) {
    this.users = users;
    this.clock = clock;
  }

  /** A user, as {@code dashboard/people.jte} renders it. */
  public record Member(
      String name,
      String displayName,
      String role,
      List<Credential> credentials,
      int sessions,
      Optional<Instant> seen) {

    static Member of(UserControl.User user) {
      return new Member(
          user.name(),
          Shown.line(user.displayName()),
          user.role(),
          user.credentials().stream().map(Credential::of).toList(),
          user.sessions().size(),
          user.sessions().stream().map(UserControl.Session::used).max(Instant::compareTo));
    }
  }

  /**
   * @param label the name that the person gave it
   */
  public record Credential(String id, String kind, String label, Instant created) {
    static Credential of(UserControl.Credential credential) {
      return new Credential(
          credential.id(),
          credential.kind(),
          VisibleText.line(credential.label()),
          credential.created());
    }
  }

  /**
   * A new login link.
   *
   * @param url a secret, shown only once
   */
  public record Invitation(String displayName, String url) {}

  /**
   * Handles a request of an admin.
   *
   * @return false for other paths
   */
  boolean handle(ShellRequest asked, Visitor admin) throws IOException {
    if (asked.is("GET", PATH)) {
      show(asked, 200, admin, Optional.empty(), "");
    } else if (asked.is("POST", ENROL) || asked.is("POST", FORGET)) {
      change(asked, admin);
    } else {
      return false;
    }
    return true;
  }

  /**
   * A login link can impersonate any user, so creating one requires a recent log-in: a browser that
   * was left open, or a stolen session, is not enough.
   */
  private void change(ShellRequest asked, Visitor admin) throws IOException {
    if (!asked.ownPage()) {
      asked.notice(Page.of(403, "Not from here", "Send this from this server's own page."));
      return;
    }
    if (!admin.isFresh(clock.instant())) {
      asked.leadTo("/login?again=1&to=" + PATH);
      return;
    }
    Form form = Form.ofBody(asked.request(), Form.SHORT);
    String user = form.get("user");
    try {
      if (asked.is("POST", ENROL)) {
        String url = users.enroll(user, false);
        show(asked, 200, admin, Optional.of(new Invitation(displayName(user), url)), "");
      } else {
        users.forget(user, form.get("credential"));
        asked.leadTo(PATH);
      }
    } catch (ControlException e) {
      show(asked, 409, admin, Optional.empty(), Shown.line(String.valueOf(e.getMessage())));
    }
  }

  private String displayName(String user) {
    return users.users().stream()
        .filter(each -> each.name().equals(user))
        .map(UserControl.User::displayName)
        .map(Shown::line)
        .findFirst()
        .orElse(user);
  }

  private void show(
      ShellRequest asked,
      int status,
      Visitor admin,
      Optional<Invitation> invitation,
      String trouble) {
    asked.page(
        status,
        "dashboard/people",
        Map.of(
            "chrome",
            Chrome.of("People · Dashboard", Optional.of(admin.viewer()), Section.DASHBOARD)
                .withScripts("dashboard.js"),
            "members",
            users.users().stream().map(Member::of).toList(),
            "invitation",
            invitation,
            "fresh",
            admin.isFresh(clock.instant()),
            "trouble",
            trouble));
  }
}
