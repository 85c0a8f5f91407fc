package io.dropserver.web.identity;

import io.dropserver.schema.state.StateDatabase;
import io.dropserver.web.page.Page;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiPredicate;
import java.util.function.Supplier;
import org.eclipse.jetty.server.Request;

/**
 * Who somebody is. A person is a user whom the revision in service declares and who logged in on
 * the shell's host; both are looked at for every request, so that neither a removed user nor an
 * ended session gets another answer. Thread-safe.
 */
public final class Identity {
  private final Sessions sessions;
  private final Enrolments enrolments;
  private final Passwords passwords;
  private final Passkeys passkeys;
  private final InstanceKey key;
  private final HandOver codes;
  private final Entrance entrance;
  private final LogInPages logIn;
  private final AccountPages account;
  private volatile Map<String, Person> people = Map.of();

  private Identity(StateDatabase database, InstanceKey key, InstantSource clock) {
    this.key = key;
    sessions = new Sessions(database, clock);
    enrolments = new Enrolments(database, clock);
    passwords = new Passwords(database, clock);
    passkeys = new Passkeys(database, clock);
    codes = new HandOver(clock);
    entrance = new Entrance(codes, sessions);
    Challenges challenges = new Challenges(clock);
    PasskeyCheck check = new PasskeyCheck(challenges);
    PasskeyDesk desk = new PasskeyDesk(passkeys, check, challenges, key);
    LogIn decisions = new LogIn(passwords, passkeys, check, key, clock);
    logIn = new LogInPages(decisions, enrolments, desk, sessions, this::person);
    account = new AccountPages(passwords, desk, enrolments, sessions, clock);
  }

  /**
   * With the credentials and sessions that the database keeps.
   *
   * @param key file of the instance's key, which is made where there is none
   */
  public static Identity open(StateDatabase database, Path key, InstantSource clock) {
    return new Identity(database, InstanceKey.open(key), clock);
  }

  /**
   * From now on these are the users. The sessions and links of others have ended when it returns;
   * their credentials stay, in case a revert brings them back, and open nothing meanwhile.
   */
  public void people(Map<String, Person> declared) {
    people = Map.copyOf(declared);
    sessions.endAllBut(people::containsKey);
  }

  public Optional<Person> person(String user) {
    return Optional.ofNullable(people.get(user));
  }

  /** Who sends a request to the shell's host; empty for somebody who is not logged in. */
  public Optional<Visitor> visitor(Request request) {
    return SessionCookie.of(request).flatMap(sessions::find).flatMap(this::visitor);
  }

  /** Who sends a request to an appspace's host, be they a member or not. */
  public Optional<Visitor> visitor(Request request, String host) {
    return SessionCookie.of(request)
        .flatMap(token -> sessions.find(token, host))
        .flatMap(this::visitor);
  }

  /** Whether somebody who was let in before would be let in now. */
  public boolean admits(Visitor visitor) {
    return sessions.lives(visitor.session())
        && person(visitor.person().name()).filter(visitor.person()::equals).isPresent();
  }

  /** What an appspace calls a user: opaque, and different in every appspace. */
  public String userId(String appspace, String user) {
    return key.userId(appspace, user);
  }

  /** From now on it runs whenever sessions have ended; on any thread. */
  public void whenSessionsEnd(Runnable look) {
    sessions.whenSomeEnd(look);
  }

  private Optional<Visitor> visitor(Session session) {
    return person(session.user()).map(person -> new Visitor(session, person));
  }

  /**
   * Answers what is for the log-in, enrolment and account pages.
   *
   * @return false when it is for something else
   */
  public boolean handle(ShellRequest asked) throws IOException {
    if (!LogInPages.own(asked.path()) && !AccountPages.own(asked.path())) {
      return false;
    }
    if (asked.request().getMethod().equals("POST") && !asked.ownPage()) {
      asked.notice(Page.of(403, "Not from here", "Send this from this server's own page."));
      return true;
    }
    Optional<Visitor> visitor = visitor(asked.request());
    if (LogInPages.own(asked.path())) {
      logIn.handle(asked, visitor);
    } else if (visitor.isPresent()) {
      account.handle(asked, visitor.get());
    } else {
      asked.leadTo("/login?to=/account");
    }
    return true;
  }

  /**
   * Answers a request for {@code /.dropserver/enter} on an appspace's host.
   *
   * @param inside whether it comes from somebody who is in already
   * @return false when it is for something else
   */
  public boolean enter(AppspaceRequest asked, boolean inside) throws IOException {
    if (!asked.request().getHttpURI().getPath().equals(Entrance.PATH)) {
      return false;
    }
    entrance.handle(asked, inside);
    return true;
  }

  /** Answers with the page that lets a browser in by way of the shell, where it is framed there. */
  public void ask(AppspaceRequest asked) {
    entrance.ask(asked, "/");
  }

  /**
   * Answers the shell's page, which asks to let its browser in to an appspace's host.
   *
   * @param member whether somebody may enter the host that is named
   */
  public void handOver(ShellRequest asked, BiPredicate<Person, String> member) throws IOException {
    Optional<Visitor> visitor = visitor(asked.request());
    if (!asked.ownPage() || !asked.request().getMethod().equals("POST")) {
      asked.text(403, "only the shell's page may ask for this");
    } else if (visitor.isEmpty()) {
      asked.text(401, "log in first");
    } else {
      Form form = Form.ofBody(asked.request(), Form.SHORT);
      String host = form.get("host");
      Optional<String> code =
          Optional.of(visitor.get())
              .filter(who -> member.test(who.person(), host))
              .flatMap(who -> codes.issue(who.session(), host, form.get("binding")));
      asked.text(code.isPresent() ? 200 : 403, code.orElse("for members only"));
    }
  }

  /**
   * For the command line.
   *
   * @param shellUrl where browsers find the shell, without a trailing slash
   */
  public UserDesk desk(Supplier<String> shellUrl) {
    return new UserDesk(() -> people, sessions, enrolments, passwords, passkeys, shellUrl);
  }
}
