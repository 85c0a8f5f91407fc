package io.dropserver.web.identity;

/** Starts the session of a person who has authenticated. Thread-safe. */
final class SessionStarter {
  private final SessionStore sessionStore;

  SessionStarter(SessionStore sessionStore) {
    this.sessionStore = sessionStore;
  }

  /**
   * Starts a new session, sets its cookie, and ends the browser's previous session, which an
   * attacker may have planted (session fixation).
   */
  void start(ShellRequest shellRequest, String user, LoginMethod loginMethod) {
    FrontDoorCookies.of(shellRequest.request())
        .flatMap(sessionStore::find)
        .ifPresent(before -> sessionStore.end(before.user(), before.id()));
    SessionStore.NewSession newSession =
        sessionStore.begin(
            user, loginMethod, shellRequest.client().getHostAddress(), shellRequest.agent());
    FrontDoorCookies.set(shellRequest.response(), newSession.token());
  }
}
