package io.dropserver.web.identity;

import static io.dropserver.schema.state.tables.Tables.APPSPACE_SESSION;
import static io.dropserver.schema.state.tables.Tables.LOGIN_SESSION;

import io.dropserver.schema.state.StateDatabase;
import io.dropserver.schema.state.tables.tables.records.LoginSessionRecord;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jooq.DSLContext;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;

/**
 * Who is logged in: in memory for every request, in the database for the next start. Thread-safe;
 * what ends a session has ended it when it returns.
 */
final class Sessions {
  /** Without use. */
  static final Duration IDLE = Duration.ofDays(14);

  /** Since the log-in, however much it is used. */
  static final Duration LONGEST = Duration.ofDays(60);

  /** A use is noticed once in this time, and written down once in the next. */
  static final Duration NOTICE = Duration.ofMinutes(1);

  static final Duration NOTE = Duration.ofMinutes(15);

  /** The one used longest ago makes room. */
  static final int EACH = 50;

  private static final int LONGEST_AGENT = 300;

  private final StateDatabase database;
  private final InstantSource clock;
  private volatile Runnable listener = () -> {};
  private final Map<String, Session> byToken = new ConcurrentHashMap<>();
  private final Map<String, Entry> entries = new ConcurrentHashMap<>();

  /** The same browser in an appspace, by the appspace's identity. */
  private record Entry(Session session, String appspace) {}

  Sessions(StateDatabase database, InstantSource clock) {
    this.database = database;
    this.clock = clock;
    Instant now = clock.instant();
    Map<String, Session> byId = new HashMap<>();
    for (LoginSessionRecord row : database.read(on -> on.fetch(LOGIN_SESSION))) {
      Session session = session(row);
      if (session.lives(now)) {
        byToken.put(row.getToken(), session);
        byId.put(session.id(), session);
      }
    }
    for (var row : database.read(on -> on.fetch(APPSPACE_SESSION))) {
      @Nullable Session session = byId.get(row.getSession());
      if (session != null) {
        entries.put(row.getToken(), new Entry(session, row.getAppspace()));
      }
    }
  }

  private static Session session(LoginSessionRecord row) {
    return new Session(
        row.getId(),
        row.getUserName(),
        Method.of(row.getMethod()),
        row.getAddress(),
        row.getAgent(),
        Instant.ofEpochMilli(row.getCreatedAt()),
        Instant.ofEpochMilli(row.getUsedAt()));
  }

  /** It runs whenever some have ended. */
  void whenSomeEnd(Runnable told) {
    listener = told;
  }

  /** A session, and the only copy of what opens it. */
  record Begun(Session session, String token) {}

  /** Somebody has proved who they are. */
  Begun begin(String user, Method method, String address, String agent) {
    Instant now = clock.instant();
    String seen = agent.length() > LONGEST_AGENT ? agent.substring(0, LONGEST_AGENT) : agent;
    Session session = new Session(Secret.label(), user, method, address, seen, now, now);
    String token = Secret.fresh();
    String hash = Secret.hash(token);
    of(user).stream().skip(EACH - 1L).forEach(oldest -> end(user, oldest.id()));
    database.write(
        on ->
            on.insertInto(LOGIN_SESSION)
                .set(LOGIN_SESSION.ID, session.id())
                .set(LOGIN_SESSION.TOKEN, hash)
                .set(LOGIN_SESSION.USER_NAME, user)
                .set(LOGIN_SESSION.METHOD, method.text())
                .set(LOGIN_SESSION.ADDRESS, address)
                .set(LOGIN_SESSION.AGENT, seen)
                .set(LOGIN_SESSION.CREATED_AT, now.toEpochMilli())
                .set(LOGIN_SESSION.USED_AT, now.toEpochMilli())
                .execute());
    byToken.put(hash, session);
    return new Begun(session, token);
  }

  /** What a browser's cookie on the shell's host opens. */
  Optional<Session> find(String token) {
    return living(byToken.get(Secret.hash(token)));
  }

  /** What a browser's cookie on an appspace's host opens in the appspace of this identity. */
  Optional<Session> find(String token, String appspace) {
    @Nullable Entry entry = entries.get(Secret.hash(token));
    return entry == null || !entry.appspace().equals(appspace)
        ? Optional.empty()
        : living(entry.session());
  }

  private Optional<Session> living(@Nullable Session session) {
    if (session == null) {
      return Optional.empty();
    }
    Instant now = clock.instant();
    if (!session.lives(now)) {
      Thread.startVirtualThread(() -> end(session.user(), session.id()));
      return Optional.empty();
    }
    if (session.use(now)) {
      Thread.startVirtualThread(() -> note(session));
    }
    return Optional.of(session);
  }

  private void note(Session session) {
    database.write(
        on ->
            on.update(LOGIN_SESSION)
                .set(LOGIN_SESSION.USED_AT, session.used().toEpochMilli())
                .where(LOGIN_SESSION.ID.eq(session.id()))
                .execute());
  }

  /** Whether it has neither ended nor expired. */
  boolean lives(Session session) {
    return session.lives(clock.instant());
  }

  /**
   * Extends a session to an appspace, in place of what it had there.
   *
   * @return the only copy of what opens it there
   */
  String enter(Session session, String appspace) {
    String token = Secret.fresh();
    String hash = Secret.hash(token);
    entries
        .values()
        .removeIf(entry -> entry.session() == session && entry.appspace().equals(appspace));
    database.write(
        on -> {
          on.deleteFrom(APPSPACE_SESSION)
              .where(APPSPACE_SESSION.SESSION.eq(session.id()))
              .and(APPSPACE_SESSION.APPSPACE.eq(appspace))
              .execute();
          on.insertInto(APPSPACE_SESSION)
              .set(APPSPACE_SESSION.TOKEN, hash)
              .set(APPSPACE_SESSION.SESSION, session.id())
              .set(APPSPACE_SESSION.APPSPACE, appspace)
              .set(APPSPACE_SESSION.CREATED_AT, clock.millis())
              .execute();
        });
    entries.put(hash, new Entry(session, appspace));
    return token;
  }

  /** The last used first. */
  List<Session> of(String user) {
    Instant now = clock.instant();
    return byToken.values().stream()
        .filter(session -> session.user().equals(user) && session.lives(now))
        .sorted(Comparator.comparing(Session::used).thenComparing(Session::created).reversed())
        .toList();
  }

  /**
   * @return false when that user has no such session
   */
  boolean end(String user, String id) {
    return end(session -> session.user().equals(user) && session.id().equals(id)) > 0;
  }

  /**
   * All of a user's but one.
   *
   * @param kept null to end all
   */
  int endOthers(String user, @Nullable Session kept) {
    return end(session -> session.user().equals(user) && session != kept);
  }

  /** Those of users who are not among these any more. */
  int endAllBut(Predicate<String> users) {
    return end(session -> !users.test(session.user()));
  }

  private int end(Predicate<Session> ends) {
    List<Session> gone = byToken.values().stream().filter(ends).toList();
    if (gone.isEmpty()) {
      return 0;
    }
    gone.forEach(Session::end);
    byToken.values().removeAll(gone);
    entries.values().removeIf(entry -> gone.contains(entry.session()));
    listener.run();
    database.write(on -> delete(on, gone));
    return gone.size();
  }

  private static void delete(DSLContext on, List<Session> gone) {
    for (Session session : gone) {
      on.deleteFrom(LOGIN_SESSION).where(LOGIN_SESSION.ID.eq(session.id())).execute();
    }
    on.deleteFrom(APPSPACE_SESSION)
        .where(APPSPACE_SESSION.SESSION.notIn(DSL.select(LOGIN_SESSION.ID).from(LOGIN_SESSION)))
        .execute();
  }
}
