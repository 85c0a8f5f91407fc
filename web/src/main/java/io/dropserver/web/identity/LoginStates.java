package io.dropserver.web.identity;

import io.dropserver.base.text.Sha256;
import io.dropserver.web.openid.LoginAttempt;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Optional;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Issues the {@code state} of log-ins at providers, and accepts each at most once. As with {@link
 * Challenges}, the server stores nothing until a log-in succeeds: the state itself contains what
 * the server must remember, encrypted. It is valid in one browser, for one provider. Thread-safe.
 */
final class LoginStates {
  static final Duration LIFETIME = Duration.ofMinutes(10);

  /** The maximum length of a redirect target; a longer one is replaced by the home page. */
  static final int MAX_TARGET = 500;

  private static final int MAX_STATE = 1_200;
  private static final int IV_BYTES = 12;
  private static final int TAG_BITS = 128;

  private final InstantSource clock;
  private final Challenges challenges;

  /** Keys of this process: a restart invalidates issued states. */
  private final SecretKeySpec encryption = new SecretKeySpec(RandomSecret.random(32), "AES");

  private final byte[] derivation = RandomSecret.random(32);

  /**
   * @param clock the date, with which providers compare the start of a log-in
   * @param elapsed measures the lifetime of a state
   */
  LoginStates(InstantSource clock, InstantSource elapsed) {
    this.clock = clock;
    this.challenges = new Challenges(elapsed, LIFETIME);
  }

  /**
   * A state that was accepted.
   *
   * @param to a valid redirect target
   */
  record Opened(LoginAttempt attempt, String to) {}

  /**
   * Issues the state of a new attempt.
   *
   * @param redirectUri contains the name of the provider
   * @param browser the nonce of the browser
   * @param to a valid redirect target
   */
  LoginAttempt issue(URI redirectUri, String browser, boolean again, String to) {
    byte[] challenge = challenges.issue(redirectUri.toString(), browser);
    byte[] target = (to.length() > MAX_TARGET ? "/" : to).getBytes(StandardCharsets.UTF_8);
    Instant now = Instant.ofEpochMilli(clock.millis());
    byte[] plain =
        ByteBuffer.allocate(Long.BYTES + 1 + target.length)
            .putLong(now.toEpochMilli())
            .put((byte) (again ? 1 : 0))
            .put(target)
            .array();
    byte[] iv = RandomSecret.random(IV_BYTES);
    byte[] sealed = crypt(Cipher.ENCRYPT_MODE, iv, challenge, plain).orElseThrow();
    byte[] state =
        ByteBuffer.allocate(challenge.length + iv.length + sealed.length)
            .put(challenge)
            .put(iv)
            .put(sealed)
            .array();
    return attempt(redirectUri, RandomSecret.encoded(state), challenge, browser, again, now);
  }

  /** Returns the attempt of a state that is valid for this browser and provider, and unused. */
  Optional<Opened> open(URI redirectUri, String state, String browser) {
    Optional<byte[]> bytes = decoded(state);
    if (bytes.isEmpty() || bytes.get().length <= Challenges.BYTES + IV_BYTES) {
      return Optional.empty();
    }
    ByteBuffer parts = ByteBuffer.wrap(bytes.get());
    byte[] challenge = new byte[Challenges.BYTES];
    byte[] iv = new byte[IV_BYTES];
    parts.get(challenge).get(iv);
    byte[] sealed = new byte[parts.remaining()];
    parts.get(sealed);
    if (!challenges.isValid(challenge, redirectUri.toString(), browser)) {
      return Optional.empty();
    }
    return crypt(Cipher.DECRYPT_MODE, iv, challenge, sealed)
        .map(plain -> opened(redirectUri, state, challenge, browser, ByteBuffer.wrap(plain)));
  }

  /**
   * Marks a state as used, after the provider has confirmed an account.
   *
   * @return false when it was used already, or when this account has used too many
   */
  boolean consume(String state, String account) {
    return decoded(state)
        .map(bytes -> Arrays.copyOf(bytes, Challenges.BYTES))
        .filter(challenge -> challenges.consume(challenge, account))
        .isPresent();
  }

  private Opened opened(
      URI redirectUri, String state, byte[] challenge, String browser, ByteBuffer plain) {
    Instant started = Instant.ofEpochMilli(plain.getLong());
    boolean again = plain.get() == 1;
    String to = StandardCharsets.UTF_8.decode(plain).toString();
    return new Opened(attempt(redirectUri, state, challenge, browser, again, started), to);
  }

  private LoginAttempt attempt(
      URI redirectUri,
      String state,
      byte[] challenge,
      String browser,
      boolean again,
      Instant started) {
    return new LoginAttempt(
        redirectUri,
        state,
        derive("verifier", challenge, browser),
        derive("nonce", challenge, browser),
        again,
        started);
  }

  /** Returns a secret of one attempt: 43 characters of base64url. */
  private String derive(String purpose, byte[] challenge, String browser) {
    Mac mac = Sha256.newMac(derivation);
    mac.update(challenge);
    return RandomSecret.encoded(
        mac.doFinal((purpose + "\0" + browser).getBytes(StandardCharsets.UTF_8)));
  }

  private Optional<byte[]> crypt(int mode, byte[] iv, byte[] challenge, byte[] input) {
    try {
      Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
      cipher.init(mode, encryption, new GCMParameterSpec(TAG_BITS, iv));
      cipher.updateAAD(challenge);
      return Optional.of(cipher.doFinal(input));
    } catch (AEADBadTagException e) {
      return Optional.empty();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java cannot encrypt", e);
    }
  }

  private static Optional<byte[]> decoded(String state) {
    try {
      return state.length() > MAX_STATE
          ? Optional.empty()
          : Optional.of(RandomSecret.decoded(state));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
