package io.dropserver.web.identity;

import io.dropserver.web.page.Chrome;
import io.dropserver.web.page.Chrome.Section;
import io.dropserver.web.page.Page;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The account page: a person's credentials and sessions. Thread-safe. */
final class AccountPages {
  private static final String ACCOUNT = "/account";
  private static final String PASSKEYS = ACCOUNT + "/passkeys";
  private static final String AGAIN = "/login?again=1&to=" + ACCOUNT;

  /**
   * For this long after a log-in a person may change credentials. With a browser that was left
   * open, or a stolen session, an attacker must not be able to take over the account.
   */
  static final Duration FRESH = Duration.ofMinutes(15);

  private final Passwords passwords;
  private final PasskeyDesk passkeys;
  private final Enrolments enrolments;
  private final Sessions sessions;
  private final InstantSource clock;

  AccountPages(
      Passwords passwords,
      PasskeyDesk passkeys,
      Enrolments enrolments,
      Sessions sessions,
      InstantSource clock) {
    this.passwords = passwords;
    this.passkeys = passkeys;
    this.enrolments = enrolments;
    this.sessions = sessions;
    this.clock = clock;
  }

  static boolean own(String path) {
    return path.equals(ACCOUNT) || path.startsWith(ACCOUNT + "/");
  }

  void handle(ShellRequest asked, Visitor visitor) throws IOException {
    String user = visitor.person().name();
    if (asked.is("GET", ACCOUNT)) {
      show(asked, 200, visitor, "");
    } else if (asked.is("POST", ACCOUNT + "/sessions/end")) {
      sessions.end(user, Form.ofBody(asked.request(), Form.SHORT).get("session"));
      asked.leadTo(ACCOUNT);
    } else if (asked.is("POST", ACCOUNT + "/sessions/end-others")) {
      sessions.endOthers(user, visitor.session());
      asked.leadTo(ACCOUNT);
    } else if (asked.is("POST", ACCOUNT + "/password")) {
      change(asked, visitor, Form.ofBody(asked.request(), Form.PASSWORD));
    } else if (asked.request().getMethod().equals("POST") && asked.path().startsWith(PASSKEYS)) {
      passkeys(asked, visitor);
    } else {
      asked.notice(Page.of(404, "Not found", "There is no such page."));
    }
  }

  private void change(ShellRequest asked, Visitor visitor, Form form) {
    if (!mayChange(visitor)) {
      asked.leadTo(AGAIN);
      return;
    }
    String password = form.get("password");
    Optional<String> refusal = Passwords.refusal(visitor.person(), password);
    if (refusal.isPresent()) {
      show(asked, 400, visitor, refusal.get());
      return;
    }
    String user = visitor.person().name();
    passwords.set(user, password);
    enrolments.withdraw(user);
    sessions.endOthers(user, visitor.session());
    asked.leadTo(ACCOUNT);
  }

  private void passkeys(ShellRequest asked, Visitor visitor) throws IOException {
    if (!mayChange(visitor)) {
      asked.leadTo(AGAIN);
      return;
    }
    String user = visitor.person().name();
    switch (asked.path().substring(PASSKEYS.length())) {
      case "/ask" -> passkeys.askToMake(asked, visitor);
      case "" -> {
        Optional<String> refusal =
            passkeys.keep(asked, visitor, Form.ofBody(asked.request(), Form.LONG));
        if (refusal.isPresent()) {
          show(asked, 400, visitor, refusal.get());
        } else {
          enrolments.withdraw(user);
          asked.leadTo(ACCOUNT);
        }
      }
      case "/remove" -> {
        if (passkeys.remove(user, Form.ofBody(asked.request(), Form.SHORT).get("passkey"))) {
          sessions.endOthers(user, visitor.session());
        }
        asked.leadTo(ACCOUNT);
      }
      default -> asked.notice(Page.of(404, "Not found", "There is no such page."));
    }
  }

  private boolean mayChange(Visitor visitor) {
    boolean fresh = clock.instant().isBefore(visitor.session().created().plus(FRESH));
    String user = visitor.person().name();
    return fresh || (passwords.since(user).isEmpty() && passkeys.of(user).isEmpty());
  }

  private void show(ShellRequest asked, int status, Visitor visitor, String trouble) {
    Person person = visitor.person();
    Map<String, Object> values = new HashMap<>();
    Chrome chrome = Chrome.of("Your account", Optional.of(visitor.viewer()), Section.ACCOUNT);
    values.put("chrome", chrome.withScripts("passkey.js"));
    values.put("person", person);
    values.put("password", passwords.since(person.name()));
    values.put("passkeys", passkeys.of(person.name()));
    values.put("domain", asked.shell().host());
    values.put("mayChange", mayChange(visitor));
    values.put("sessions", sessions.of(person.name()));
    values.put("own", visitor.session());
    values.put("trouble", trouble);
    asked.page(status, "account", values);
  }
}
