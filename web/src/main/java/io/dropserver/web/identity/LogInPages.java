package io.dropserver.web.identity;

import io.dropserver.web.page.Chrome;
import io.dropserver.web.page.Chrome.Section;
import io.dropserver.web.page.Page;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.eclipse.jetty.http.HttpHeader;

/**
 * Pages for logging in with a passkey, a password or a login link, and for logging out.
 * Thread-safe.
 */
final class LogInPages {
  private static final String LOG_IN = "/login";
  private static final String ENROL = "/enrol";
  private static final String LOG_OUT = "/logout";
  private static final String PASSKEY = "/passkey";
  private static final String ASK = PASSKEY + "/ask";
  private static final Set<String> PATHS = Set.of(LOG_IN, ENROL, LOG_OUT, PASSKEY, ASK);

  private final LogIn logIn;
  private final Enrolments enrolments;
  private final PasskeyDesk passkeys;
  private final Sessions sessions;
  private final Arrival arrival;
  private final Function<String, Optional<Person>> people;

  LogInPages(
      LogIn logIn,
      Enrolments enrolments,
      PasskeyDesk passkeys,
      Sessions sessions,
      Function<String, Optional<Person>> people) {
    this.logIn = logIn;
    this.enrolments = enrolments;
    this.passkeys = passkeys;
    this.sessions = sessions;
    this.arrival = new Arrival(sessions);
    this.people = people;
  }

  static boolean own(String path) {
    return PATHS.contains(path);
  }

  void handle(ShellRequest asked, Optional<Visitor> visitor) throws IOException {
    if (asked.is("GET", LOG_IN)) {
      form(asked, visitor);
    } else if (asked.is("POST", LOG_IN)) {
      byPassword(asked, Form.ofBody(asked.request(), Form.PASSWORD));
    } else if (asked.is("POST", ASK)) {
      passkeys.askToLogIn(asked);
    } else if (asked.is("POST", PASSKEY)) {
      byPasskey(asked, Form.ofBody(asked.request(), Form.LONG));
    } else if (asked.is("GET", ENROL)) {
      invite(asked);
    } else if (asked.is("POST", ENROL)) {
      enrol(asked, Form.ofBody(asked.request(), Form.SHORT).get("token"));
    } else if (asked.is("POST", LOG_OUT)) {
      visitor.ifPresent(who -> sessions.end(who.person().name(), who.session().id()));
      SessionCookie.clear(asked.response());
      asked.leadTo(LOG_IN);
    } else {
      asked.response().getHeaders().put(HttpHeader.ALLOW, "GET, POST");
      asked.notice(Page.of(405, "Not allowed", "Use the buttons of this server's own pages."));
    }
  }

  private static void form(ShellRequest asked, Optional<Visitor> visitor) {
    Form query = Form.ofQuery(asked.request());
    String to = Destination.of(query.get("to"));
    if (visitor.isPresent() && query.get("again").isEmpty()) {
      asked.leadTo(to);
      return;
    }
    form(asked, 200, visitor.map(who -> who.person().name()).orElse(""), to, "");
  }

  private static void form(ShellRequest asked, int status, String name, String to, String trouble) {
    Chrome chrome =
        Chrome.of("Log in", Optional.empty(), Section.OTHER).withScripts("login.js", "passkey.js");
    asked.page(
        status, "login", Map.of("chrome", chrome, "name", name, "to", to, "trouble", trouble));
  }

  private void byPassword(ShellRequest asked, Form form) {
    String name = form.get("name").strip();
    LogIn.Result result = logIn.password(name, form.get("password"), asked.client(), people);
    settle(asked, result, Method.PASSWORD, name, Destination.of(form.get("to")));
  }

  private void byPasskey(ShellRequest asked, Form form) {
    Ceremony ceremony = Ceremony.logIn(asked);
    LogIn.Result result = logIn.passkey(form, ceremony, asked.client(), people);
    settle(asked, result, Method.PASSKEY, "", Destination.of(form.get("to")));
  }

  private void settle(
      ShellRequest asked, LogIn.Result result, Method method, String name, String to) {
    switch (result) {
      case LogIn.Welcome(Person person) -> {
        arrival.of(asked, person.name(), method);
        asked.leadTo(to);
      }
      case LogIn.Wrong(String why) -> form(asked, 403, name, to, why);
      case LogIn.Wait(Duration wait) -> {
        long seconds = wait.toSeconds() + 1;
        asked.response().getHeaders().put(HttpHeader.RETRY_AFTER, seconds);
        form(asked, 429, name, to, "Too many attempts. Try again in " + seconds + " s.");
      }
    }
  }

  /**
   * Handles the opening of a login link. Opening it does not use it up, because messaging software
   * opens links to preview them. A direct link is used up when it is opened, but only by a
   * navigation that no page started, so that no page can log a person in as another user.
   */
  private void invite(ShellRequest asked) {
    String token = Form.ofQuery(asked.request()).get("token");
    Optional<Enrolments.Enrolment> enrolment = enrolments.find(token);
    Optional<Person> person = enrolment.flatMap(found -> people.apply(found.user()));
    if (person.isEmpty()) {
      usedUp(asked);
    } else if (enrolment.orElseThrow().direct() && openedByAPerson(asked)) {
      enrol(asked, token);
    } else {
      String name = person.get().displayName();
      Chrome chrome = Chrome.of("Welcome, " + name, Optional.empty(), Section.OTHER);
      asked.page(200, "enrol", Map.of("chrome", chrome, "token", token));
    }
  }

  private static boolean openedByAPerson(ShellRequest asked) {
    return asked.request().getMethod().equals("GET")
        && "none".equals(asked.request().getHeaders().get("Sec-Fetch-Site"))
        && "document".equals(asked.request().getHeaders().get("Sec-Fetch-Dest"));
  }

  private void enrol(ShellRequest asked, String token) {
    Optional<Enrolments.Enrolment> enrolment = enrolments.use(token);
    Optional<Person> person = enrolment.flatMap(found -> people.apply(found.user()));
    if (person.isEmpty()) {
      usedUp(asked);
      return;
    }
    arrival.of(asked, person.get().name(), Method.LINK);
    asked.leadTo(enrolment.orElseThrow().direct() ? "/" : "/account");
  }

  private static void usedUp(ShellRequest asked) {
    asked.notice(
        Page.of(
            410,
            "Used up",
            "This link has been used, or is more than 24 hours old. Ask for another one."));
  }
}
