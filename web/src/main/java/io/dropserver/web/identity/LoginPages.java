package io.dropserver.web.identity;

import io.dropserver.control.AuditOutcome;
import io.dropserver.state.site.Person;
import io.dropserver.web.page.Page;
import io.dropserver.web.page.PageLayout;
import io.dropserver.web.page.PageLayout.Section;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.eclipse.jetty.http.HttpHeader;

/**
 * Pages for logging in with a passkey, a password, a login link or a provider, and for logging out.
 * Thread-safe.
 */
record LoginPages(
    LoginVerifier loginVerifier,
    EnrolmentStore enrolmentStore,
    PasskeyService passkeys,
    SessionStore sessionStore,
    OpenIdPages openId,
    Function<String, Optional<Person>> people) {
  private static final String LOG_IN = "/login";
  private static final String ENROL = "/enrol";
  private static final String LOG_OUT = "/logout";
  private static final String PASSKEY = "/passkey";
  private static final String ASK = PASSKEY + "/ask";
  private static final Set<String> PATHS = Set.of(LOG_IN, ENROL, LOG_OUT, PASSKEY, ASK);

  static boolean isLoginPath(String path) {
    return PATHS.contains(path) || OpenIdPages.isOpenIdPath(path);
  }

  void handle(ShellRequest shellRequest, Optional<Visitor> visitor) throws IOException {
    if (OpenIdPages.isOpenIdPath(shellRequest.path())) {
      openId.handle(shellRequest);
    } else if (shellRequest.matches("GET", LOG_IN)) {
      form(shellRequest, visitor);
    } else if (shellRequest.matches("POST", LOG_IN)) {
      byPassword(shellRequest, Form.ofBody(shellRequest.request(), Form.PASSWORD));
    } else if (shellRequest.matches("POST", ASK)) {
      passkeys.sendLoginOptions(shellRequest);
    } else if (shellRequest.matches("POST", PASSKEY)) {
      byPasskey(shellRequest, Form.ofBody(shellRequest.request(), Form.LONG));
    } else if (shellRequest.matches("GET", ENROL)) {
      openLink(shellRequest);
    } else if (shellRequest.matches("POST", ENROL)) {
      enrol(shellRequest, Form.ofBody(shellRequest.request(), Form.SHORT).get("token"));
    } else if (shellRequest.matches("POST", LOG_OUT)) {
      visitor.ifPresent(who -> logOut(shellRequest, who));
      FrontDoorCookies.clear(shellRequest.response());
      shellRequest.redirect(LOG_IN);
    } else {
      shellRequest.response().getHeaders().put(HttpHeader.ALLOW, "GET, POST");
      shellRequest.sendNotice(
          Page.of(405, "Not allowed", "Use the buttons of this server's own pages."));
    }
  }

  private void logOut(ShellRequest shellRequest, Visitor visitor) {
    sessionStore.end(visitor.person().name(), visitor.session().id());
    openId
        .sessions()
        .audit()
        .record(
            visitor.auditSource(shellRequest),
            "log-out",
            "session/" + visitor.session().id(),
            AuditOutcome.DONE);
  }

  private void form(ShellRequest shellRequest, Optional<Visitor> visitor) {
    Form query = Form.ofQuery(shellRequest.request());
    String to = RedirectTarget.of(query.get("to"));
    boolean again = !query.get("again").isEmpty();
    if (visitor.isPresent() && !again) {
      shellRequest.redirect(to);
      return;
    }
    String name = visitor.map(who -> who.person().name()).orElse("");
    openId.loginForm().send(shellRequest, 200, new LoginForm.View(name, to, again, ""));
  }

  private void form(ShellRequest shellRequest, int status, String name, String to, String problem) {
    openId.loginForm().send(shellRequest, status, new LoginForm.View(name, to, true, problem));
  }

  private void byPassword(ShellRequest shellRequest, Form form) {
    String name = form.get("name").strip();
    LoginVerifier.LoginResult loginResult =
        loginVerifier.password(name, form.get("password"), shellRequest.client(), people);
    sendResult(
        shellRequest, loginResult, LoginMethod.PASSWORD, name, RedirectTarget.of(form.get("to")));
  }

  private void byPasskey(ShellRequest shellRequest, Form form) {
    Ceremony ceremony = Ceremony.logIn(shellRequest);
    LoginVerifier.LoginResult loginResult =
        loginVerifier.passkey(form, ceremony, shellRequest.client(), people);
    sendResult(
        shellRequest, loginResult, LoginMethod.PASSKEY, "", RedirectTarget.of(form.get("to")));
  }

  private void sendResult(
      ShellRequest shellRequest,
      LoginVerifier.LoginResult loginResult,
      LoginMethod loginMethod,
      String name,
      String to) {
    switch (loginResult) {
      case LoginVerifier.LoginAccepted(Person person) -> {
        openId.sessions().start(shellRequest, person.name(), loginMethod);
        shellRequest.redirect(to);
      }
      case LoginVerifier.LoginRejected(String why) -> {
        openId.sessions().recordFailure(shellRequest, loginMethod, people.apply(name));
        form(shellRequest, 403, name, to, why);
      }
      case LoginVerifier.LoginDelayed(Duration wait) -> {
        openId.sessions().recordFailure(shellRequest, loginMethod, people.apply(name));
        long seconds = wait.toSeconds() + 1;
        shellRequest.response().getHeaders().put(HttpHeader.RETRY_AFTER, seconds);
        form(shellRequest, 429, name, to, "Too many attempts. Try again in " + seconds + " s.");
      }
    }
  }

  /**
   * Handles the opening of a login link. A link is not consumed until the person presses a button,
   * because messaging software opens links for a preview. A direct link is consumed when it is
   * opened, but only by a navigation that no page started, so that no page can log a person in as
   * another user.
   */
  private void openLink(ShellRequest shellRequest) {
    String token = Form.ofQuery(shellRequest.request()).get("token");
    Optional<EnrolmentStore.Enrolment> enrolment = enrolmentStore.find(token);
    Optional<Person> person = enrolment.flatMap(found -> people.apply(found.user()));
    if (person.isEmpty()) {
      sendUsedUp(shellRequest);
    } else if (enrolment.orElseThrow().direct() && isDirectNavigation(shellRequest)) {
      enrol(shellRequest, token);
    } else {
      String name = person.get().displayName();
      PageLayout pageLayout = PageLayout.of("Welcome, " + name, Optional.empty(), Section.OTHER);
      shellRequest.sendPage(200, "enrol", Map.of("chrome", pageLayout, "token", token));
    }
  }

  private static boolean isDirectNavigation(ShellRequest shellRequest) {
    return shellRequest.request().getMethod().equals("GET")
        && "none".equals(shellRequest.request().getHeaders().get("Sec-Fetch-Site"))
        && "document".equals(shellRequest.request().getHeaders().get("Sec-Fetch-Dest"));
  }

  private void enrol(ShellRequest shellRequest, String token) {
    Optional<EnrolmentStore.Enrolment> enrolment = enrolmentStore.consume(token);
    Optional<Person> person = enrolment.flatMap(found -> people.apply(found.user()));
    if (person.isEmpty()) {
      sendUsedUp(shellRequest);
      return;
    }
    openId.sessions().start(shellRequest, person.get().name(), LoginMethod.LINK);
    shellRequest.redirect(enrolment.orElseThrow().direct() ? "/" : "/account");
  }

  private void sendUsedUp(ShellRequest shellRequest) {
    openId.sessions().recordFailure(shellRequest, LoginMethod.LINK, Optional.empty());
    shellRequest.sendNotice(
        Page.of(
            410,
            "Link expired",
            "This link has been used, or is more than 24 hours old. Ask for a new link."));
  }
}
