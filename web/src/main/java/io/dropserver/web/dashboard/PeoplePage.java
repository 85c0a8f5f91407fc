package io.dropserver.web.dashboard;

import io.dropserver.base.text.VisibleText;
import io.dropserver.control.AuditSource;
import io.dropserver.control.AuditTrail;
import io.dropserver.control.ControlException;
import io.dropserver.control.CredentialStatus;
import io.dropserver.control.Membership;
import io.dropserver.control.SessionStatus;
import io.dropserver.control.UserControl;
import io.dropserver.control.UserStatus;
import io.dropserver.web.identity.Form;
import io.dropserver.web.identity.ShellRequest;
import io.dropserver.web.identity.Visitor;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Lets admins create login links for users and remove lost credentials. Thread-safe. */
public final class PeoplePage {
  static final String PATH = "/dashboard/people";
  private static final String ENROL = PATH + "/enrol";
  private static final String FORGET = PATH + "/forget";

  private final UserControl users;
  private final AuditTrail audit;
  private final InstantSource clock;

  PeoplePage(UserControl users, AuditTrail audit, InstantSource clock) {
    this.users = users;
    this.audit = audit;
    this.clock = clock;
  }

  /** A user, as {@code dashboard/people.jte} renders it. */
  public record Member(
      String name,
      String displayName,
      String role,
      List<Credential> credentials,
      List<Membership> groups,
      int sessions,
      Optional<Instant> seen,
      Optional<Instant> linkUntil) {

    static Member of(UserStatus user) {
      return new Member(
          user.name(),
          DisplayText.line(user.displayName()),
          user.role(),
          user.credentials().stream().map(Credential::of).toList(),
          user.groups(),
          user.sessions().size(),
          user.sessions().stream().map(SessionStatus::used).max(Instant::compareTo),
          user.linkUntil());
    }
  }

  /**
   * A credential, as {@code dashboard/people.jte} renders it.
   *
   * @param label the name that the person gave the passkey; empty for a password
   */
  public record Credential(String id, String kind, String label, Instant created) {
    static Credential of(CredentialStatus credential) {
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
   * @param url contains a secret; shown only once
   */
  public record Invitation(String displayName, String url) {}

  /**
   * Handles a request of an admin.
   *
   * @return false for other paths
   */
  boolean handle(ShellRequest shellRequest, Visitor admin) throws IOException {
    if (shellRequest.matches("GET", PATH)) {
      show(shellRequest, 200, admin, Optional.empty(), "");
    } else if (shellRequest.matches("POST", ENROL) || shellRequest.matches("POST", FORGET)) {
      change(shellRequest, admin);
    } else {
      return false;
    }
    return true;
  }

  /**
   * Creates a login link or removes a credential. Requires a recent log-in, because with a login
   * link an admin can log in as any user; an unattended browser or a stolen session must not
   * suffice.
   */
  private void change(ShellRequest shellRequest, Visitor admin) throws IOException {
    if (!admin.isFresh(clock.instant())) {
      shellRequest.redirect("/login?again=1&to=" + PATH);
      return;
    }
    Form form = Form.ofBody(shellRequest.request(), Form.SHORT);
    String user = form.get("user");
    AuditSource source = admin.auditSource(shellRequest);
    try {
      if (shellRequest.matches("POST", ENROL)) {
        String url =
            audit.perform(source, "user enroll", "user/" + user, () -> users.enroll(user, false));
        show(shellRequest, 200, admin, Optional.of(new Invitation(displayName(user), url)), "");
      } else {
        String credential = form.get("credential");
        audit.perform(
            source,
            "user forget",
            "user/" + user + " credential/" + credential,
            () -> users.forget(user, credential));
        shellRequest.redirect(PATH);
      }
    } catch (ControlException e) {
      show(
          shellRequest,
          409,
          admin,
          Optional.empty(),
          DisplayText.line(String.valueOf(e.getMessage())));
    }
  }

  private String displayName(String user) {
    return users.users().stream()
        .filter(each -> each.name().equals(user))
        .map(UserStatus::displayName)
        .map(DisplayText::line)
        .findFirst()
        .orElse(user);
  }

  private void show(
      ShellRequest shellRequest,
      int status,
      Visitor admin,
      Optional<Invitation> invitation,
      String problem) {
    shellRequest.sendPage(
        status,
        "dashboard/people",
        Map.of(
            "chrome", Dashboard.chrome("People · Dashboard", admin),
            "members", users.users().stream().map(Member::of).toList(),
            "invitation", invitation,
            "fresh", admin.isFresh(clock.instant()),
            "problem", problem));
  }
}
