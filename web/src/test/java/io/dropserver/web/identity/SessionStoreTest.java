package io.dropserver.web.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dropserver.schema.instance.ProviderAccount;
import io.dropserver.state.StateDatabase;
import io.dropserver.testing.SettableClock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SessionStoreTest {
  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  Path folder;

  private final SettableClock clock = new SettableClock();
  private final SettableClock elapsed = new SettableClock();
  private StateDatabase database;
  private SessionStore sessionStore;

  @BeforeEach
  void open() {
    database = StateDatabase.open(folder.resolve("state.db"), Clock.systemUTC());
    sessionStore = new SessionStore(database, clock, elapsed);
  }

  @AfterEach
  void close() {
    database.close();
  }

  private SessionStore restarted() {
    return new SessionStore(database, clock, elapsed);
  }

  @Test
  void aSessionOutlivesARestartAndItsSecretIsNotOnDisk() throws Exception {
    SessionStore.NewSession newSession =
        sessionStore.begin("alice", LoginMethod.PASSWORD, "127.0.0.1", "Lynx");
    String entry = sessionStore.enter(newSession.session(), "notes.home.localhost");
    assertThat(restarted().find(newSession.token())).map(Session::user).hasValue("alice");
    assertThat(restarted().find(entry, "notes.home.localhost"))
        .map(Session::user)
        .hasValue("alice");
    database.close();
    try (var files = Files.list(folder)) {
      for (Path file : files.toList()) {
        String bytes = Files.readString(file, StandardCharsets.ISO_8859_1);
        assertThat(bytes).doesNotContain(newSession.token()).doesNotContain(entry);
      }
    }
  }

  @Test
  void theAccountAndTheTimeOfALogInAtAProviderOutliveARestart() {
    ProviderAccount account = ProviderAccount.ofSubject("https://id.test", "1234");
    Instant proved = Instant.ofEpochMilli(clock.millis()).minusSeconds(3600);
    SessionStore.NewSession newSession =
        sessionStore.begin(
            "alice",
            new LoginProof(LoginMethod.OPENID, Optional.of(account), proved),
            "127.0.0.1",
            "Lynx");
    Session restored = restarted().find(newSession.token()).orElseThrow();
    assertThat(restored.method()).isEqualTo(LoginMethod.OPENID);
    assertThat(restored.account()).contains(account);
    assertThat(restored.authenticated()).isEqualTo(proved);
    assertThat(restored.created()).isAfter(proved);
  }

  @Test
  void anAppspaceSessionIsValidOnItsHostAndEndsWithItsParent() {
    SessionStore.NewSession newSession =
        sessionStore.begin("alice", LoginMethod.PASSWORD, "127.0.0.1", "Lynx");
    String entry = sessionStore.enter(newSession.session(), "notes.home.localhost");
    assertThat(sessionStore.find(entry, "evil.home.localhost")).isEmpty();
    assertThat(sessionStore.find(entry)).as("on the shell").isEmpty();
    assertThat(sessionStore.find(newSession.token(), "notes.home.localhost")).isEmpty();
    sessionStore.end("alice", newSession.session().id());
    assertThat(sessionStore.find(entry, "notes.home.localhost")).isEmpty();
    assertThat(restarted().find(entry, "notes.home.localhost")).isEmpty();
  }

  @Test
  void enteringAgainReplacesThePreviousAppspaceSession() {
    SessionStore.NewSession newSession =
        sessionStore.begin("alice", LoginMethod.PASSWORD, "127.0.0.1", "Lynx");
    String first = sessionStore.enter(newSession.session(), "notes.home.localhost");
    String other = sessionStore.enter(newSession.session(), "list.home.localhost");
    String second = sessionStore.enter(newSession.session(), "notes.home.localhost");
    assertThat(sessionStore.find(first, "notes.home.localhost")).isEmpty();
    assertThat(sessionStore.find(second, "notes.home.localhost")).isPresent();
    assertThat(sessionStore.find(other, "list.home.localhost")).isPresent();
  }

  @Test
  void aSessionExpiresWhenIdleAndAtItsMaximumAge() {
    SessionStore.NewSession idle =
        sessionStore.begin("alice", LoginMethod.PASSWORD, "127.0.0.1", "Lynx");
    SessionStore.NewSession used =
        sessionStore.begin("alice", LoginMethod.PASSWORD, "127.0.0.1", "Lynx");
    for (int day = 0; day < 59; day++) {
      clock.advance(Duration.ofDays(1));
      assertThat(sessionStore.find(used.token())).isPresent();
    }
    assertThat(sessionStore.find(idle.token())).isEmpty();
    clock.advance(Duration.ofDays(1));
    assertThat(sessionStore.find(used.token())).isEmpty();
    assertThat(restarted().of("alice")).isEmpty();
  }

  @Test
  void theLeastRecentlyUsedSessionMakesRoom() {
    List<SessionStore.NewSession> all = new java.util.ArrayList<>();
    for (int i = 0; i < SessionStore.MAX_PER_USER + 3; i++) {
      all.add(sessionStore.begin("alice", LoginMethod.PASSWORD, "127.0.0.1", "Lynx"));
      clock.advance(Duration.ofSeconds(1));
    }
    assertThat(sessionStore.of("alice")).hasSize(SessionStore.MAX_PER_USER);
    assertThat(sessionStore.find(all.get(2).token())).isEmpty();
    assertThat(sessionStore.find(all.get(3).token())).isPresent();
  }

  @Test
  void aSessionOfALaterDateEndsADayAfterTheDateIsCorrected() {
    SessionStore.NewSession earlier =
        sessionStore.begin("alice", LoginMethod.PASSWORD, "127.0.0.1", "Lynx");
    clock.advance(Duration.ofDays(3650));
    SessionStore.NewSession wrong =
        sessionStore.begin("alice", LoginMethod.PASSWORD, "127.0.0.1", "Lynx");
    clock.advance(Duration.ofDays(-3650));
    assertThat(sessionStore.find(earlier.token())).isPresent();
    assertThat(sessionStore.find(wrong.token())).isPresent();
    elapsed.advance(SessionStore.MAX_AHEAD);
    assertThat(sessionStore.find(earlier.token())).isPresent();
    assertThat(sessionStore.isActive(wrong.session())).isFalse();
    assertThat(sessionStore.of("alice")).containsExactly(earlier.session());
    assertThat(sessionStore.find(wrong.token())).isEmpty();
    await().untilAsserted(() -> assertThat(restarted().find(wrong.token())).isEmpty());
  }

  @Test
  void sessionsOutliveAStartAtAnEarlierDate() {
    SessionStore.NewSession newSession =
        sessionStore.begin("alice", LoginMethod.PASSWORD, "127.0.0.1", "Lynx");
    clock.advance(Duration.ofDays(-300));
    sessionStore = restarted();
    assertThat(sessionStore.find(newSession.token())).isPresent();
    elapsed.advance(Duration.ofHours(1));
    assertThat(sessionStore.find(newSession.token())).isPresent();
    clock.advance(Duration.ofDays(300));
    elapsed.advance(SessionStore.MAX_AHEAD);
    assertThat(sessionStore.find(newSession.token())).as("the date is corrected").isPresent();
    assertThat(restarted().find(newSession.token())).isPresent();
  }
}
