package io.dropserver.web.identity;

import io.dropserver.control.AuditTrail;
import io.dropserver.control.UserControl;
import io.dropserver.state.StateDatabase;
import io.dropserver.state.site.Person;
import io.dropserver.state.site.Site;
import io.dropserver.web.openid.Provider;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.eclipse.jetty.server.Request;

/**
 * Authenticates visitors. A person is a user of the served revision who logged in on the shell's
 * host. The user and the session are checked for every request, so that removing a user or ending a
 * session takes effect immediately. Thread-safe.
 */
public final class Identity {
  private final SessionStore sessionStore;
  private final EnrolmentStore enrolmentStore;
  private final PasswordStore passwordStore;
  private final PasskeyStore passkeyStore;
  private final InstanceKey key;
  private final HandOverCodes codes;
  private final Entrance entrance;
  private final LoginPages logIn;
  private final AccountPages account;
  private final ClaimedGroups claimedGroups;
  private final DeclaredPeople people;

  private Identity(
      StateDatabase database,
      InstanceKey key,
      List<Provider> providers,
      ClaimedGroups claimedGroups,
      AuditTrail audit,
      MeterRegistry metrics,
      InstantSource clock,
      InstantSource elapsed) {
    this.key = key;
    this.claimedGroups = claimedGroups;
    people = new DeclaredPeople(providers);
    sessionStore = new SessionStore(database, clock, elapsed);
    enrolmentStore = new EnrolmentStore(database, clock);
    passwordStore = new PasswordStore(database, clock);
    passkeyStore = new PasskeyStore(database, clock);
    codes = new HandOverCodes(elapsed);
    entrance = new Entrance(codes, sessionStore);
    Challenges challenges = new Challenges(elapsed);
    PasskeyVerifier check = new PasskeyVerifier(challenges);
    PasskeyService passkeyService = new PasskeyService(passkeyStore, check, challenges, key);
    LoginVerifier decisions = new LoginVerifier(passwordStore, passkeyStore, check, key, elapsed);
    OpenIdPages openId =
        new OpenIdPages(
            providers,
            new SessionStart(sessionStore, audit, new LoginMetrics(metrics), clock),
            claimedGroups,
            people,
            clock,
            elapsed);
    logIn =
        new LoginPages(
            decisions, enrolmentStore, passkeyService, sessionStore, openId, this::person);
    account =
        new AccountPages(
            passwordStore,
            passkeyService,
            enrolmentStore,
            sessionStore,
            claimedGroups,
            people,
            audit,
            clock);
  }

  /**
   * Loads the sessions from the database, and the instance's key. There are no providers, nothing
   * is recorded, and one clock has both purposes.
   *
   * @param key the file of the instance's key, which is created if it is missing
   */
  public static Identity open(StateDatabase database, Path key, InstantSource clock) {
    return open(
        database,
        key,
        List.of(),
        new ClaimedGroups(database, clock),
        (_, _, _, _) -> {},
        new SimpleMeterRegistry(),
        clock,
        clock);
  }

  /**
   * Loads the sessions from the database, and the instance's key.
   *
   * @param key the file of the instance's key, which is created if it is missing
   * @param providers in the order of their buttons
   * @param audit receives log-ins, failed log-ins, log-outs and changes of credentials
   * @param metrics receives the numbers of log-ins
   * @param clock the date, which may jump
   * @param elapsed measures durations and follows no change of the date
   */
  public static Identity open(
      StateDatabase database,
      Path key,
      List<Provider> providers,
      ClaimedGroups claimedGroups,
      AuditTrail audit,
      MeterRegistry metrics,
      InstantSource clock,
      InstantSource elapsed) {
    return new Identity(
        database, InstanceKey.open(key), providers, claimedGroups, audit, metrics, clock, elapsed);
  }

  /**
   * Replaces the set of users. When this returns, the sessions and login links of all other users
   * have ended, and the sessions by accounts that their user does not declare any more. Their
   * credentials stay in the database, in case a revert restores the user. They are accepted only
   * while the user is declared.
   */
  public void replaceUsers(Map<String, Person> declared) {
    people.replace(declared);
    sessionStore.endAllExcept(people::mayContinue);
    enrolmentStore.withdrawAllExcept(declared.keySet());
  }

  public Optional<Person> person(String user) {
    return people.find(user);
  }

  /** Returns the visitor who sent a request to the shell's host; empty when not logged in. */
  public Optional<Visitor> visitor(Request request) {
    return FrontDoorCookies.of(request).flatMap(sessionStore::find).flatMap(this::visitor);
  }

  /**
   * Returns the visitor who sent a request to the host of an appspace, who need not be a member;
   * empty when not logged in on this host.
   *
   * @param identity the appspace's identity
   */
  public Optional<Visitor> visitor(Request request, String identity) {
    return FrontDoorCookies.of(request)
        .flatMap(token -> sessionStore.find(token, identity))
        .flatMap(this::visitor);
  }

  /**
   * Returns the tag by which the front door detects that a browser last saw another appspace or
   * version on the site's host.
   */
  public AppspaceTag tag(Site site) {
    return key.tag(site.host(), site.identity(), site.version());
  }

  /** Returns whether a visitor who was authenticated earlier would still be authenticated now. */
  public boolean isStillAdmitted(Visitor visitor) {
    return sessionStore.isActive(visitor.session())
        && person(visitor.person().name()).filter(visitor.person()::equals).isPresent();
  }

  /**
   * Returns whether the session of a visitor is active, and its user still has the name that apps
   * are told.
   */
  public boolean isStillKnown(Visitor visitor) {
    return sessionStore.isActive(visitor.session())
        && person(visitor.person().name())
            .map(Person::displayName)
            .filter(visitor.person().displayName()::equals)
            .isPresent();
  }

  /** Returns whether a user of the served revision has an active session with this id. */
  public boolean hasSession(String user, String session) {
    return person(user).isPresent()
        && sessionStore.of(user).stream().anyMatch(each -> each.id().equals(session));
  }

  /** Returns the id of a user within an appspace: opaque, and different in every appspace. */
  public String userId(String appspace, String user) {
    return key.userId(appspace, user);
  }

  /** Registers a callback that runs after sessions have ended, on any thread. */
  public void onSessionsEnded(Runnable listener) {
    sessionStore.onSessionsEnded(listener);
  }

  /** Decides which appspaces a person may enter. */
  public interface EntryPolicy {
    /**
     * Returns the identity of the appspace on a host; empty when the person may not enter the
     * appspace.
     *
     * @param tag the appspace's tag in the shell's page; empty accepts any
     */
    Optional<String> identity(Person person, String host, String tag);
  }

  private Optional<Visitor> visitor(Session session) {
    return person(session.user()).map(person -> new Visitor(session, person));
  }

  /**
   * Handles the pages for log-in, login links and the account.
   *
   * @return false when the request is for something else
   */
  public boolean handle(ShellRequest shellRequest) throws IOException {
    if (!LoginPages.isLoginPath(shellRequest.path())
        && !AccountPages.isAccountPath(shellRequest.path())) {
      return false;
    }
    if (shellRequest.refuseForgedPost()) {
      return true;
    }
    Optional<Visitor> visitor = visitor(shellRequest.request());
    if (LoginPages.isLoginPath(shellRequest.path())) {
      logIn.handle(shellRequest, visitor);
    } else if (visitor.isPresent()) {
      account.handle(shellRequest, visitor.get());
    } else {
      shellRequest.redirect("/login?to=/account");
    }
    return true;
  }

  /**
   * Handles {@code /.dropserver/enter} on an appspace's host.
   *
   * @param inside whether the visitor is already logged in on the host
   * @return false when the request is for something else
   */
  public boolean handleEntrance(AppspaceRequest appspaceRequest, boolean inside)
      throws IOException {
    if (!appspaceRequest.request().getHttpURI().getPath().equals(Entrance.PATH)) {
      return false;
    }
    entrance.handle(appspaceRequest, inside);
    return true;
  }

  /** Sends the page that asks the surrounding shell to log this browser in. */
  public void sendEntryPage(AppspaceRequest appspaceRequest) {
    entrance.sendEntryPage(appspaceRequest, "/");
  }

  /** Sends the page that makes the surrounding shell reload. */
  public void sendReloadPage(AppspaceRequest appspaceRequest) {
    entrance.sendReloadPage(appspaceRequest);
  }

  /**
   * Handles the shell page's request for a code that logs the browser in on an appspace's host.
   *
   * @param entryPolicy decides whether the person may enter
   */
  public void issueHandOverCode(ShellRequest shellRequest, EntryPolicy entryPolicy)
      throws IOException {
    Optional<Visitor> visitor = visitor(shellRequest.request());
    if (!shellRequest.isFromOwnPage() || !shellRequest.request().getMethod().equals("POST")) {
      shellRequest.sendText(403, "only the shell's page may request this");
    } else if (visitor.isEmpty()) {
      shellRequest.sendText(401, "log in first");
    } else {
      Form form = Form.ofBody(shellRequest.request(), Form.SHORT);
      Optional<String> code =
          entryPolicy
              .identity(visitor.get().person(), form.get("host"), form.get("appspace"))
              .flatMap(
                  identity -> codes.issue(visitor.get().session(), identity, form.get("binding")));
      shellRequest.sendText(code.isPresent() ? 200 : 403, code.orElse("for members only"));
    }
  }

  /**
   * Creates the user management of the control API.
   *
   * @param shellUrl the URL of the shell, without a trailing slash
   */
  public UserControl userService(Supplier<String> shellUrl) {
    return new UserService(
        people::all,
        sessionStore,
        enrolmentStore,
        passwordStore,
        passkeyStore,
        claimedGroups,
        shellUrl);
  }
}
