package io.dropserver.web.identity;

import static io.dropserver.state.tables.Tables.APPSPACE_SESSION;
import static io.dropserver.state.tables.Tables.LOGIN_SESSION;

import io.dropserver.schema.instance.ProviderAccount;
import io.dropserver.state.StateDatabase;
import io.dropserver.state.tables.tables.records.LoginSessionRecord;
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
 * Stores the sessions of all users: in memory for lookups, and in the database to survive restarts.
 * A method that ends a session returns after the session has ended in both. Thread-safe.
 */
final class SessionStore {
  /** A session ends after this time without use. */
  static final Duration IDLE_TIMEOUT = Duration.ofDays(14);

  /** A session ends this long after the log-in, even with constant use. */
  static final Duration MAX_LIFETIME = Duration.ofDays(60);

  /** The interval at which the last use is updated in memory. */
  static final Duration USE_RESOLUTION = Duration.ofMinutes(1);

  /**
   * A session that was used at a later date than today ends after this time, because the date was
   * wrong at that time, or is wrong now. In the latter case it is corrected soon.
   */
  static final Duration MAX_AHEAD = Duration.ofDays(1);

  static final Duration USE_WRITE_INTERVAL = Duration.ofMinutes(15);

  /** The limit per user. A log-in beyond it ends the least recently used session. */
  static final int MAX_PER_USER = 50;

  private static final int MAX_AGENT_LENGTH = 300;

  private final StateDatabase database;
  private final InstantSource clock;
  private final InstantSource elapsed;
  private volatile Runnable listener = () -> {};
  private final Map<String, Session> byToken = new ConcurrentHashMap<>();
  private final Map<String, SessionEntry> entries = new ConcurrentHashMap<>();

  /**
   * The session of a browser on an appspace's host.
   *
   * @param appspace the identity of the appspace
   */
  private record SessionEntry(Session session, String appspace) {}

  /**
   * @param clock the date, which may jump
   * @param elapsed measures durations and follows no change of the date
   */
  SessionStore(StateDatabase database, InstantSource clock, InstantSource elapsed) {
    this.database = database;
    this.clock = clock;
    this.elapsed = elapsed;
    Instant now = clock.instant();
    Map<String, Session> byId = new HashMap<>();
    for (LoginSessionRecord row : database.read(on -> on.fetch(LOGIN_SESSION))) {
      Session session = session(row);
      if (session.isActive(now)) {
        byToken.put(row.getToken(), session);
        byId.put(session.id(), session);
      }
    }
    for (var row : database.read(on -> on.fetch(APPSPACE_SESSION))) {
      @Nullable Session session = byId.get(row.getSession());
      if (session != null) {
        entries.put(row.getToken(), new SessionEntry(session, row.getAppspace()));
      }
    }
  }

  private static Session session(LoginSessionRecord row) {
    @Nullable Long authenticated = row.getAuthenticatedAt();
    Optional<ProviderAccount> account = account(row);
    return new Session(
        row.getId(),
        row.getUserName(),
        account.isPresent() ? LoginMethod.OPENID : LoginMethod.of(row.getMethod()),
        row.getAddress(),
        row.getAgent(),
        Instant.ofEpochMilli(row.getCreatedAt()),
        Instant.ofEpochMilli(authenticated == null ? row.getCreatedAt() : authenticated),
        account,
        new Session.Use(Instant.ofEpochMilli(row.getUsedAt())));
  }

  private static Optional<ProviderAccount> account(LoginSessionRecord row) {
    @Nullable String issuer = row.getIssuer();
    @Nullable String key = row.getAccountKey();
    @Nullable String account = row.getAccount();
    return issuer == null || key == null || account == null
        ? Optional.empty()
        : Optional.of(new ProviderAccount(issuer, ProviderAccount.Key.valueOf(key), account));
  }

  /**
   * Registers the callback that runs after sessions have ended, on the thread that ended them. It
   * replaces the previous callback.
   */
  void onSessionsEnded(Runnable onEnded) {
    listener = onEnded;
  }

  /**
   * @param token the secret for the browser's cookie, of which the store keeps only the hash
   */
  record NewSession(Session session, String token) {}

  /** Starts a session for a user who has just proved their identity. */
  NewSession begin(String user, LoginMethod loginMethod, String address, String agent) {
    return begin(user, LoginProof.now(loginMethod, clock.instant()), address, agent);
  }

  /** Starts a session for an authenticated user. */
  NewSession begin(String user, LoginProof proof, String address, String agent) {
    Instant now = clock.instant();
    String seen = agent.length() > MAX_AGENT_LENGTH ? agent.substring(0, MAX_AGENT_LENGTH) : agent;
    Session session =
        new Session(
            RandomSecret.randomId(),
            user,
            proof.method(),
            address,
            seen,
            now,
            proof.authenticated(),
            proof.account(),
            new Session.Use(now));
    String token = RandomSecret.generate();
    String hash = RandomSecret.hash(token);
    of(user).stream().skip(MAX_PER_USER - 1L).forEach(oldest -> end(user, oldest.id()));
    database.write(on -> insert(on, session, hash));
    byToken.put(hash, session);
    return new NewSession(session, token);
  }

  private static void insert(DSLContext on, Session session, String hash) {
    Optional<ProviderAccount> account = session.account();
    on.insertInto(LOGIN_SESSION)
        .set(LOGIN_SESSION.ID, session.id())
        .set(LOGIN_SESSION.TOKEN, hash)
        .set(LOGIN_SESSION.USER_NAME, session.user())
        // The previous release cannot read the method openid; the account identifies it.
        .set(
            LOGIN_SESSION.METHOD,
            (account.isPresent() ? LoginMethod.LINK : session.method()).text())
        .set(LOGIN_SESSION.ADDRESS, session.address())
        .set(LOGIN_SESSION.AGENT, session.agent())
        .set(LOGIN_SESSION.CREATED_AT, session.created().toEpochMilli())
        .set(LOGIN_SESSION.USED_AT, session.used().toEpochMilli())
        .set(LOGIN_SESSION.AUTHENTICATED_AT, session.authenticated().toEpochMilli())
        .set(LOGIN_SESSION.ISSUER, account.map(ProviderAccount::issuer).orElse(null))
        .set(LOGIN_SESSION.ACCOUNT_KEY, account.map(it -> it.key().name()).orElse(null))
        .set(LOGIN_SESSION.ACCOUNT, account.map(ProviderAccount::value).orElse(null))
        .execute();
  }

  /** Finds the session of a cookie on the shell's host. */
  Optional<Session> find(String token) {
    return activeOnly(byToken.get(RandomSecret.hash(token)));
  }

  /**
   * Finds the session of a cookie on an appspace's host.
   *
   * @param appspace the identity of the appspace
   */
  Optional<Session> find(String token, String appspace) {
    @Nullable SessionEntry sessionEntry = entries.get(RandomSecret.hash(token));
    return sessionEntry == null || !sessionEntry.appspace().equals(appspace)
        ? Optional.empty()
        : activeOnly(sessionEntry.session());
  }

  private Optional<Session> activeOnly(@Nullable Session session) {
    if (session == null) {
      return Optional.empty();
    }
    if (!isActive(session)) {
      Thread.startVirtualThread(() -> end(session.user(), session.id()));
      return Optional.empty();
    }
    if (session.recordUse(clock.instant())) {
      Thread.startVirtualThread(() -> storeLastUse(session));
    }
    return Optional.of(session);
  }

  private void storeLastUse(Session session) {
    database.write(
        on ->
            on.update(LOGIN_SESSION)
                .set(LOGIN_SESSION.USED_AT, session.used().toEpochMilli())
                .where(LOGIN_SESSION.ID.eq(session.id()))
                .execute());
  }

  /** Returns whether the session has neither ended nor expired. */
  boolean isActive(Session session) {
    Instant now = clock.instant();
    return session.isActive(now) && !session.isAhead(now, elapsed.instant());
  }

  /**
   * Extends a session to an appspace, and replaces the session's previous token there.
   *
   * @return the secret for the browser's cookie, of which the store keeps only the hash
   */
  String enter(Session session, String appspace) {
    String token = RandomSecret.generate();
    String hash = RandomSecret.hash(token);
    entries
        .values()
        .removeIf(
            sessionEntry ->
                sessionEntry.session().equals(session) && sessionEntry.appspace().equals(appspace));
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
    entries.put(hash, new SessionEntry(session, appspace));
    return token;
  }

  /** Returns the sessions of a user, most recently used first. */
  List<Session> of(String user) {
    return byToken.values().stream()
        .filter(session -> session.user().equals(user) && isActive(session))
        .sorted(Comparator.comparing(Session::used).thenComparing(Session::created).reversed())
        .toList();
  }

  /**
   * Ends a session.
   *
   * @return false when the user has no such session
   */
  boolean end(String user, String id) {
    return end(session -> session.user().equals(user) && session.id().equals(id)) > 0;
  }

  /**
   * Ends all sessions of a user except one, and returns their number.
   *
   * @param kept null to end all
   */
  int endOthers(String user, @Nullable Session kept) {
    return end(session -> session.user().equals(user) && !session.equals(kept));
  }

  /** Ends the sessions that the predicate rejects, and returns their number. */
  int endAllExcept(Predicate<Session> kept) {
    return end(kept.negate());
  }

  private int end(Predicate<Session> ends) {
    List<Session> gone = byToken.values().stream().filter(ends).toList();
    if (gone.isEmpty()) {
      return 0;
    }
    gone.forEach(Session::end);
    byToken.values().removeAll(gone);
    entries.values().removeIf(sessionEntry -> gone.contains(sessionEntry.session()));
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
