package io.dropserver.web.identity;

/** Somebody has proved who they are: their browser is given a session. Thread-safe. */
final class Arrival {
  private final Sessions sessions;

  Arrival(Sessions sessions) {
    this.sessions = sessions;
  }

  /** In place of whatever session the browser brought: what it held before must not be in. */
  void of(ShellRequest asked, String user, Method method) {
    SessionCookie.of(asked.request())
        .flatMap(sessions::find)
        .ifPresent(before -> sessions.end(before.user(), before.id()));
    Sessions.Begun begun =
        sessions.begin(user, method, asked.client().getHostAddress(), asked.agent());
    SessionCookie.set(asked.response(), begun.token());
  }
}
