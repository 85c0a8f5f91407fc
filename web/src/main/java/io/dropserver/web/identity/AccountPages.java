package io.dropserver.web.identity;

import io.dropserver.control.AuditOutcome;
import io.dropserver.control.AuditTrail;
import io.dropserver.state.site.Person;
import io.dropserver.web.page.Page;
import io.dropserver.web.page.PageLayout;
import io.dropserver.web.page.PageLayout.Section;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Serves {@code /account}, where a person manages credentials and sessions. Thread-safe. */
record AccountPages(
    PasswordStore passwordStore,
    PasskeyService passkeys,
    EnrolmentStore enrolmentStore,
    SessionStore sessionStore,
    ClaimedGroups claimedGroups,
    DeclaredPeople people,
    AuditTrail audit,
    InstantSource clock) {
  private static final String ACCOUNT = "/account";
  private static final String PASSKEYS = ACCOUNT + "/passkeys";
  private static final String AGAIN = "/login?again=1&to=" + ACCOUNT;

  /**
   * The time after a log-in in which the session may change credentials. It prevents an attacker
   * with an unattended browser or a stolen session from taking over the account.
   */
  static final Duration REAUTHENTICATION_WINDOW = Duration.ofMinutes(15);

  static boolean isAccountPath(String path) {
    return path.equals(ACCOUNT) || path.startsWith(ACCOUNT + "/");
  }

  void handle(ShellRequest shellRequest, Visitor visitor) throws IOException {
    String user = visitor.person().name();
    if (shellRequest.matches("GET", ACCOUNT)) {
      show(shellRequest, 200, visitor, "");
    } else if (shellRequest.matches("POST", ACCOUNT + "/sessions/end")) {
      String session = Form.ofBody(shellRequest.request(), Form.SHORT).get("session");
      if (sessionStore.end(user, session)) {
        record(shellRequest, visitor, "session end", "session/" + session);
      }
      shellRequest.redirect(ACCOUNT);
    } else if (shellRequest.matches("POST", ACCOUNT + "/sessions/end-others")) {
      endOtherAccess(visitor);
      record(shellRequest, visitor, "session end-others", "user/" + user);
      shellRequest.redirect(ACCOUNT);
    } else if (shellRequest.matches("POST", ACCOUNT + "/password")) {
      change(shellRequest, visitor, Form.ofBody(shellRequest.request(), Form.PASSWORD));
    } else if (shellRequest.request().getMethod().equals("POST")
        && shellRequest.path().startsWith(PASSKEYS)) {
      passkeys(shellRequest, visitor);
    } else {
      shellRequest.sendNotice(Page.of(404, "Not found", "This page does not exist."));
    }
  }

  private void change(ShellRequest shellRequest, Visitor visitor, Form form) {
    if (!mayChange(visitor)) {
      shellRequest.redirect(AGAIN);
      return;
    }
    String password = form.get("password");
    Optional<String> refusal = PasswordStore.rejectionReason(visitor.person(), password);
    if (refusal.isPresent()) {
      show(shellRequest, 400, visitor, refusal.get());
      return;
    }
    String user = visitor.person().name();
    passwordStore.set(user, password);
    record(shellRequest, visitor, "password set", "user/" + user);
    endOtherAccess(visitor);
    shellRequest.redirect(ACCOUNT);
  }

  private void endOtherAccess(Visitor visitor) {
    String user = visitor.person().name();
    enrolmentStore.withdraw(user);
    sessionStore.endOthers(user, visitor.session());
  }

  private void passkeys(ShellRequest shellRequest, Visitor visitor) throws IOException {
    if (!mayChange(visitor)) {
      shellRequest.redirect(AGAIN);
      return;
    }
    String user = visitor.person().name();
    switch (shellRequest.path().substring(PASSKEYS.length())) {
      case "/ask" -> passkeys.sendCreationOptions(shellRequest, visitor);
      case "" -> {
        Optional<String> refusal =
            passkeys.register(
                shellRequest, visitor, Form.ofBody(shellRequest.request(), Form.LONG));
        if (refusal.isPresent()) {
          show(shellRequest, 400, visitor, refusal.get());
        } else {
          enrolmentStore.withdraw(user);
          record(shellRequest, visitor, "passkey add", "user/" + user);
          shellRequest.redirect(ACCOUNT);
        }
      }
      case "/remove" -> {
        String passkey = Form.ofBody(shellRequest.request(), Form.SHORT).get("passkey");
        if (passkeys.remove(user, passkey)) {
          record(shellRequest, visitor, "passkey remove", "credential/" + passkey);
          endOtherAccess(visitor);
        }
        shellRequest.redirect(ACCOUNT);
      }
      default -> shellRequest.sendNotice(Page.of(404, "Not found", "This page does not exist."));
    }
  }

  private void record(ShellRequest shellRequest, Visitor visitor, String action, String object) {
    audit.record(visitor.auditSource(shellRequest), action, object, AuditOutcome.DONE);
  }

  private boolean mayChange(Visitor visitor) {
    String user = visitor.person().name();
    return visitor.isFresh(clock.instant())
        || (passwordStore.setAt(user).isEmpty()
            && passkeys.of(user).isEmpty()
            && people.accounts(visitor.person()).isEmpty());
  }

  private void show(ShellRequest shellRequest, int status, Visitor visitor, String problem) {
    Person person = visitor.person();
    Map<String, Object> values = new HashMap<>();
    PageLayout pageLayout =
        PageLayout.of("Your account", Optional.of(visitor.viewer()), Section.ACCOUNT);
    values.put("chrome", pageLayout.withScripts("passkey.js"));
    values.put("person", person);
    values.put("password", passwordStore.setAt(person.name()));
    values.put("passkeys", passkeys.of(person.name()));
    values.put("domain", shellRequest.shell().host());
    values.put("mayChange", mayChange(visitor));
    values.put("sessions", sessionStore.of(person.name()));
    values.put("own", visitor.session());
    values.put("accounts", people.accounts(person));
    values.put(
        "groups",
        claimedGroups.memberships().stream()
            .filter(membership -> membership.user().equals(person.name()))
            .toList());
    values.put("problem", problem);
    shellRequest.sendPage(status, "account", values);
  }
}
