package io.dropserver.web.identity;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.testing.SettableClock;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/**
 * A challenge is valid once, for its purpose, in the browser that requested it, until it expires.
 */
class ChallengesTest {
  private final SettableClock clock = new SettableClock();
  private final Challenges challenges = new Challenges(clock);

  @Test
  void aChallengeIsValidOnlyForItsPurposeAndBrowser() {
    byte[] challenge = challenges.issue("log in", "one");
    assertThat(challenges.isValid(challenge, "log in", "one")).isTrue();
    assertThat(challenges.isValid(challenge, "log in", "two")).isFalse();
    assertThat(challenges.isValid(challenge, "make one", "one")).isFalse();
    assertThat(challenges.isValid(challenge, "log in\0one", "")).isFalse();
    assertThat(new Challenges(clock).isValid(challenge, "log in", "one")).isFalse();
    assertThat(challenges.isValid(new byte[0], "log in", "one")).isFalse();
    assertThat(challenges.isValid(new byte[challenge.length], "log in", "one")).isFalse();
  }

  @Test
  void aChallengeWithAChangedBitIsInvalid() {
    byte[] challenge = challenges.issue("log in", "one");
    for (int bit = 0; bit < challenge.length * 8; bit++) {
      byte[] other = challenge.clone();
      other[bit / 8] ^= (byte) (1 << (bit % 8));
      assertThat(challenges.isValid(other, "log in", "one")).as("bit " + bit).isFalse();
    }
  }

  @Test
  void aChallengeExpiresAfterFiveMinutes() {
    byte[] challenge = challenges.issue("log in", "one");
    clock.advance(Challenges.LIFETIME.minusMillis(1));
    assertThat(challenges.isValid(challenge, "log in", "one")).isTrue();
    clock.advance(Duration.ofMillis(1));
    assertThat(challenges.isValid(challenge, "log in", "one")).isFalse();
  }

  @Test
  void aChallengeCanBeUsedOnlyOnce() {
    byte[] challenge = challenges.issue("log in", "one");
    clock.advance(Challenges.LIFETIME.minusSeconds(1));
    assertThat(challenges.isValid(challenge, "log in", "one")).isTrue();
    assertThat(challenges.consume(challenge, "key")).isTrue();
    assertThat(challenges.isValid(challenge, "log in", "one")).isFalse();
    assertThat(challenges.consume(challenge, "key")).isFalse();
    clock.advance(Duration.ofSeconds(2));
    assertThat(challenges.consume(challenge, "key")).isFalse();
    assertThat(challenges.consume(challenges.issue("log in", "one"), "key")).isTrue();
  }

  @Test
  void usedChallengesAreLimitedPerPasskeyAndInTotal() {
    assertThat(uses("one", Challenges.MAX_USED_PER_SIGNER + 10))
        .isEqualTo(Challenges.MAX_USED_PER_SIGNER);
    int all = Challenges.MAX_USED_PER_SIGNER;
    for (int i = 0; i < 200; i++) {
      all += uses("other-" + i, Challenges.MAX_USED_PER_SIGNER);
    }
    assertThat(all).isEqualTo(Challenges.MAX_USED);
    clock.advance(Challenges.LIFETIME);
    assertThat(uses("one", 1)).isOne();
  }

  private int uses(String passkey, int times) {
    int used = 0;
    for (int i = 0; i < times; i++) {
      used += challenges.consume(challenges.issue("log in", "one"), passkey) ? 1 : 0;
    }
    return used;
  }
}
