package io.dropserver.web.identity;

import io.dropserver.schema.state.StateDatabase;
import io.dropserver.web.page.Page;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
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
  private final LogInPages logIn;
  private final AccountPages account;
  private volatile Map<String, Person> people = Map.of();

  private Identity(StateDatabase database, InstantSource clock) {
    sessions = new Sessions(database, clock);
    enrolments = new Enrolments(database, clock);
    passwords = new Passwords(database, clock);
    logIn = new LogInPages(new LogIn(passwords, clock), enrolments, sessions, this::person);
    account = new AccountPages(passwords, enrolments, sessions, clock);
  }

  /** With the credentials and sessions that the database keeps. */
  public static Identity open(StateDatabase database, InstantSource clock) {
    return new Identity(database, clock);
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
   * For the command line.
   *
   * @param shellUrl where browsers find the shell, without a trailing slash
   */
  public UserDesk desk(Supplier<String> shellUrl) {
    return new UserDesk(() -> people, sessions, enrolments, passwords, shellUrl);
  }
}
