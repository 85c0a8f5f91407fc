package io.dropserver.web.identity;

import io.dropserver.control.AuditOutcome;
import io.dropserver.control.AuditSource;
import io.dropserver.control.AuditTrail;
import io.dropserver.state.site.Person;
import java.time.InstantSource;
import java.util.Optional;

/** Starts sessions in browsers. Thread-safe. */
record SessionStart(
    SessionStore sessionStore, AuditTrail audit, LoginMetrics metrics, InstantSource clock) {

  /** Starts a session for a person who has just proved their identity. */
  void start(ShellRequest shellRequest, String user, LoginMethod loginMethod) {
    start(shellRequest, user, LoginProof.now(loginMethod, clock.instant()));
  }

  /** Records a log-in that failed. The name that the client sent may be a mistyped password. */
  void recordFailure(ShellRequest shellRequest, LoginMethod loginMethod, Optional<Person> user) {
    metrics.count(loginMethod, false);
    audit.record(
        AuditSource.unverified(shellRequest.client()),
        logIn(loginMethod),
        user.map(person -> "user/" + person.name()).orElse("unknown"),
        AuditOutcome.REFUSED);
  }

  private static String logIn(LoginMethod loginMethod) {
    return "log-in " + loginMethod.text();
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
    metrics.count(proof.method(), true);
    audit.record(
        AuditSource.user(user, shellRequest.client()),
        logIn(proof.method()),
        "session/" + newSession.session().id(),
        AuditOutcome.DONE);
    FrontDoorCookies.set(shellRequest.response(), newSession.token());
  }
}
