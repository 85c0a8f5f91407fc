package io.dropserver.web.identity;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HandOverCodesTest {
  private static final String HOST = "notes.home.localhost";
  private static final String NONCE = Secret.fresh();

  private final SettableClock clock = new SettableClock();
  private final HandOver codes = new HandOver(clock);

  private Session session(String user) {
    return new Session(
        Secret.label(), user, Method.LINK, "127.0.0.1", "Lynx", clock.instant(), clock.instant());
  }

  private long issue(String user, int times) {
    String binding = Secret.hash(NONCE);
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
  void aUserHasOnlySoManyUnusedCodesHoweverManySessions() {
    assertThat(issue("alice", HandOver.EACH + 50)).isEqualTo(HandOver.EACH);
    assertThat(issue("bob", 1)).isOne();
    clock.pass(Duration.ofSeconds(31));
    assertThat(issue("alice", 1)).as("the others have ended").isOne();
  }

  @Test
  void allUsersTogetherHaveOnlySoMany() {
    long issued = 0;
    for (int i = 0; i < 40; i++) {
      issued += issue("user-" + i, HandOver.EACH);
    }
    assertThat(issued).isEqualTo(HandOver.ALL);
  }

  @Test
  void aUsedCodeMakesRoom() {
    issue("alice", HandOver.EACH - 1);
    Session session = session("alice");
    Optional<String> last = codes.issue(session, HOST, Secret.hash(NONCE));
    assertThat(issue("alice", 1)).isZero();
    assertThat(codes.redeem(last.orElseThrow(), HOST, NONCE)).containsSame(session);
    assertThat(issue("alice", 1)).isOne();
  }
}
