package io.dropserver.web.identity;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.schema.state.StateDatabase;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SessionsTest {
  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  Path folder;

  private final SettableClock clock = new SettableClock();
  private StateDatabase database;
  private Sessions sessions;

  @BeforeEach
  void open() {
    database = StateDatabase.open(folder.resolve("state.db"), Clock.systemUTC());
    sessions = new Sessions(database, clock);
  }

  @AfterEach
  void close() {
    database.close();
  }

  private Sessions restarted() {
    return new Sessions(database, clock);
  }

  @Test
  void aSessionOutlivesARestartAndItsSecretIsNotOnDisk() throws Exception {
    Sessions.Begun begun = sessions.begin("alice", Method.PASSWORD, "127.0.0.1", "Lynx");
    String entry = sessions.enter(begun.session(), "notes.home.localhost");
    assertThat(restarted().find(begun.token())).map(Session::user).hasValue("alice");
    assertThat(restarted().find(entry, "notes.home.localhost"))
        .map(Session::user)
        .hasValue("alice");
    database.close();
    try (var files = Files.list(folder)) {
      for (Path file : files.toList()) {
        String bytes = Files.readString(file, StandardCharsets.ISO_8859_1);
        assertThat(bytes).doesNotContain(begun.token()).doesNotContain(entry);
      }
    }
  }

  @Test
  void anAppspacesSessionIsGoodOnItsHostAloneAndEndsWithTheOther() {
    Sessions.Begun begun = sessions.begin("alice", Method.PASSWORD, "127.0.0.1", "Lynx");
    String entry = sessions.enter(begun.session(), "notes.home.localhost");
    assertThat(sessions.find(entry, "evil.home.localhost")).isEmpty();
    assertThat(sessions.find(entry)).as("on the shell").isEmpty();
    assertThat(sessions.find(begun.token(), "notes.home.localhost")).isEmpty();
    sessions.end("alice", begun.session().id());
    assertThat(sessions.find(entry, "notes.home.localhost")).isEmpty();
    assertThat(restarted().find(entry, "notes.home.localhost")).isEmpty();
  }

  @Test
  void anotherEntryTakesThePlaceOfTheOneBefore() {
    Sessions.Begun begun = sessions.begin("alice", Method.PASSWORD, "127.0.0.1", "Lynx");
    String first = sessions.enter(begun.session(), "notes.home.localhost");
    String other = sessions.enter(begun.session(), "list.home.localhost");
    String second = sessions.enter(begun.session(), "notes.home.localhost");
    assertThat(sessions.find(first, "notes.home.localhost")).isEmpty();
    assertThat(sessions.find(second, "notes.home.localhost")).isPresent();
    assertThat(sessions.find(other, "list.home.localhost")).isPresent();
  }

  @Test
  void itEndsWithoutUseAndAtLastWithUse() {
    Sessions.Begun idle = sessions.begin("alice", Method.PASSWORD, "127.0.0.1", "Lynx");
    Sessions.Begun used = sessions.begin("alice", Method.PASSWORD, "127.0.0.1", "Lynx");
    for (int day = 0; day < 59; day++) {
      clock.pass(Duration.ofDays(1));
      assertThat(sessions.find(used.token())).isPresent();
    }
    assertThat(sessions.find(idle.token())).isEmpty();
    clock.pass(Duration.ofDays(1));
    assertThat(sessions.find(used.token())).isEmpty();
    assertThat(restarted().of("alice")).isEmpty();
  }

  @Test
  void whatIsUsedLongestAgoMakesRoom() {
    List<Sessions.Begun> all = new java.util.ArrayList<>();
    for (int i = 0; i < Sessions.EACH + 3; i++) {
      all.add(sessions.begin("alice", Method.PASSWORD, "127.0.0.1", "Lynx"));
      clock.pass(Duration.ofSeconds(1));
    }
    assertThat(sessions.of("alice")).hasSize(Sessions.EACH);
    assertThat(sessions.find(all.get(2).token())).isEmpty();
    assertThat(sessions.find(all.get(3).token())).isPresent();
  }
}
