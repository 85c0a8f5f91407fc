package io.dropserver.web.identity;

import java.time.InstantSource;

/** Starts sessions in browsers. Thread-safe. */
record SessionStart(SessionStore sessionStore, InstantSource clock) {

  /** Starts a session for a person who has just proved their identity. */
  void start(ShellRequest shellRequest, String user, LoginMethod loginMethod) {
    start(shellRequest, user, LoginProof.now(loginMethod, clock.instant()));
  }

  /**
   * Starts a new session, sets its cookie, and ends the browser's previous session, which an
   * attacker may have planted (session fixation).
   */
  void start(ShellRequest shellRequest, String user, LoginProof proof) {
    FrontDoorCookies.of(shellRequest.request())
        .flatMap(sessionStore::find)
        .ifPresent(before -> sessionStore.end(before.user(), before.id()));
    SessionStore.NewSession newSession =
        sessionStore.begin(
            user, proof, shellRequest.client().getHostAddress(), shellRequest.agent());
    FrontDoorCookies.set(shellRequest.response(), newSession.token());
  }
}
