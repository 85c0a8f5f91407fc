package io.dropserver.web.identity;

/** Starts the session of a person who has authenticated. Thread-safe. */
final class Arrival {
  private final Sessions sessions;

  Arrival(Sessions sessions) {
    this.sessions = sessions;
  }

  /**
   * Starts a new session and ends the one that the browser had, which may have been fixed by an
   * attacker.
   */
  void of(ShellRequest asked, String user, Method method) {
    SessionCookie.of(asked.request())
        .flatMap(sessions::find)
        .ifPresent(before -> sessions.end(before.user(), before.id()));
    Sessions.Begun begun =
        sessions.begin(user, method, asked.client().getHostAddress(), asked.agent());
    SessionCookie.set(asked.response(), begun.token());
  }
}
