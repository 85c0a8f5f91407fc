package io.dropserver.web.identity;

import io.dropserver.schema.state.StateDatabase;
import io.dropserver.web.page.Page;
import java.io.IOException;
import java.nio.file.Path;
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

  /**
   * Who sends a request to the host of an appspace, be they a member or not.
   *
   * @param identity of the appspace
   */
  public Optional<Visitor> visitor(Request request, String identity) {
    return SessionCookie.of(request)
        .flatMap(token -> sessions.find(token, identity))
        .flatMap(this::visitor);
  }

  /** What browsers keep of an appspace on a host. */
  public AppspaceTag tag(String host, String identity, String version) {
    return key.tag(host, identity, version);
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

  /** Which appspace a person may enter. */
  public interface Enters {
    /**
     * Identity of the appspace; empty where the person may not enter.
     *
     * @param tag that the shell's page has for the appspace; empty for any
     */
    Optional<String> identity(Person person, String host, String tag);
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

  /** Answers with the page that makes the shell load anew, where a frame shows it. */
  public void moved(AppspaceRequest asked) {
    entrance.moved(asked);
  }

  /**
   * Answers the shell's page, which asks to let its browser in to an appspace's host.
   *
   * @param enters identity of the appspace on a host, with the tag that the page has for it; empty
   *     where the person may not enter
   */
  public void handOver(ShellRequest asked, Enters enters) throws IOException {
    Optional<Visitor> visitor = visitor(asked.request());
    if (!asked.ownPage() || !asked.request().getMethod().equals("POST")) {
      asked.text(403, "only the shell's page may ask for this");
    } else if (visitor.isEmpty()) {
      asked.text(401, "log in first");
    } else {
      Form form = Form.ofBody(asked.request(), Form.SHORT);
      Optional<String> code =
          enters
              .identity(visitor.get().person(), form.get("host"), form.get("appspace"))
              .flatMap(
                  identity -> codes.issue(visitor.get().session(), identity, form.get("binding")));
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
