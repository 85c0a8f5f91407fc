package io.dropserver.web.identity;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.testing.SettableClock;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HandOverCodesTest {
  private static final String HOST = "notes.home.localhost";
  private static final String NONCE = RandomSecret.generate();

  private final SettableClock clock = new SettableClock();
  private final HandOverCodes codes = new HandOverCodes(clock);

  private Session session(String user) {
    return new Session(
        RandomSecret.randomId(),
        user,
        LoginMethod.LINK,
        "127.0.0.1",
        "Lynx",
        clock.instant(),
        clock.instant(),
        java.util.Optional.empty(),
        new Session.Use(clock.instant()));
  }

  private long issue(String user, int times) {
    String binding = RandomSecret.hash(NONCE);
    return IntStream.range(0, times)
        .filter(_ -> codes.issue(session(user), HOST, binding).isPresent())
        .count();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 63, 65, 65_536})
  void aBindingOfAnotherLengthThanAHashIsNotKept(int length) {
    assertThat(codes.issue(session("alice"), HOST, "a".repeat(length))).isEmpty();
  }

  @Test
  void unusedCodesAreLimitedPerUser() {
    assertThat(issue("alice", HandOverCodes.MAX_PER_USER + 50))
        .isEqualTo(HandOverCodes.MAX_PER_USER);
    assertThat(issue("bob", 1)).isOne();
    clock.advance(Duration.ofSeconds(31));
    assertThat(issue("alice", 1)).as("the others have ended").isOne();
  }

  @Test
  void unusedCodesAreLimitedInTotal() {
    long issued = 0;
    for (int i = 0; i < 40; i++) {
      issued += issue("user-" + i, HandOverCodes.MAX_PER_USER);
    }
    assertThat(issued).isEqualTo(HandOverCodes.MAX_TOTAL);
  }

  @Test
  void aUsedCodeMakesRoom() {
    issue("alice", HandOverCodes.MAX_PER_USER - 1);
    Session session = session("alice");
    Optional<String> last = codes.issue(session, HOST, RandomSecret.hash(NONCE));
    assertThat(issue("alice", 1)).isZero();
    assertThat(codes.redeem(last.orElseThrow(), HOST, NONCE)).containsSame(session);
    assertThat(issue("alice", 1)).isOne();
  }
}
