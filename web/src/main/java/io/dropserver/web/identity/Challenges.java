package io.dropserver.web.identity;

import io.dropserver.base.budget.Budget;
import io.dropserver.base.text.Sha256;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import javax.crypto.Mac;

/**
 * Issues WebAuthn challenges and accepts each at most once. Issued challenges are not stored, so
 * that requests for challenges cannot exhaust memory: a challenge contains its expiry and a MAC
 * over its purpose and the browser's nonce. Only used challenges are stored, for their lifetime. A
 * use needs a valid signature. Thread-safe.
 */
final class Challenges {
  static final Duration LIFETIME = Duration.ofMinutes(5);

  /** The limit of used challenges of all passkeys together, which allows 33 log-ins a second. */
  static final int MAX_USED = 10_000;

  /** The limit of used challenges of one passkey, or of one session that creates passkeys. */
  static final int MAX_USED_PER_SIGNER = 100;

  private static final int RANDOM_BYTES = 16;
  private static final int MAC_BYTES = 32;
  static final int BYTES = RANDOM_BYTES + Long.BYTES + MAC_BYTES;

  private final InstantSource clock;
  private final Duration lifetime;

  /** A key of this process: a restart invalidates issued challenges. */
  private final byte[] key = RandomSecret.random(MAC_BYTES);

  private final Budget<String> usedBudget = new Budget<>(MAX_USED, MAX_USED_PER_SIGNER);

  /** Used challenges by their random part, oldest first. Guarded by this. */
  private final Map<String, Used> used = new LinkedHashMap<>();

  /**
   * @param end when the entry can be removed; not before the challenge expires
   */
  private record Used(Instant end, Budget<String>.Claim claim) {}

  /**
   * @param clock measures durations and follows no change of the date
   */
  Challenges(InstantSource clock) {
    this(clock, LIFETIME);
  }

  Challenges(InstantSource clock, Duration lifetime) {
    this.clock = clock;
    this.lifetime = lifetime;
  }

  /**
   * @param purpose what a signature of the challenge is valid for
   * @param browser a nonce in a cookie of the browser
   */
  byte[] issue(String purpose, String browser) {
    ByteBuffer challenge = ByteBuffer.allocate(BYTES);
    challenge.put(RandomSecret.random(RANDOM_BYTES));
    challenge.putLong(clock.instant().plus(lifetime).toEpochMilli());
    byte[] mac = mac(challenge.array(), purpose, browser);
    return challenge.put(mac).array();
  }

  /**
   * Returns whether the challenge was issued to this browser for this purpose, is not expired and
   * is unused.
   */
  boolean isValid(byte[] challenge, String purpose, String browser) {
    if (challenge.length != BYTES) {
      return false;
    }
    ByteBuffer parts = ByteBuffer.wrap(challenge);
    byte[] mac = new byte[MAC_BYTES];
    parts.get(BYTES - MAC_BYTES, mac);
    return MessageDigest.isEqual(mac, mac(challenge, purpose, browser))
        && clock.millis() < parts.getLong(RANDOM_BYTES)
        && !isUsed(challenge);
  }

  private synchronized boolean isUsed(byte[] challenge) {
    return used.containsKey(random(challenge));
  }

  /** Returns the random part, which identifies a challenge. */
  private static String random(byte[] challenge) {
    return HexFormat.of().formatHex(challenge, 0, RANDOM_BYTES);
  }

  /**
   * Marks a challenge that a passkey has signed as used.
   *
   * @param signer the passkey, or the session that creates one
   * @return true for the first call with this challenge; false for later calls, and when a limit of
   *     used challenges is reached
   */
  synchronized boolean consume(byte[] challenge, String signer) {
    Instant now = clock.instant();
    Iterator<Used> oldest = used.values().iterator();
    while (oldest.hasNext()) {
      Used next = oldest.next();
      if (now.isBefore(next.end())) {
        break;
      }
      next.claim().close();
      oldest.remove();
    }
    if (isUsed(challenge)) {
      return false;
    }
    Optional<Budget<String>.Claim> claim = usedBudget.claim(signer, 1);
    claim.ifPresent(held -> used.put(random(challenge), new Used(now.plus(lifetime), held)));
    return claim.isPresent();
  }

  /** Returns the MAC over the random part, the expiry, the purpose and the nonce. */
  private byte[] mac(byte[] challenge, String purpose, String browser) {
    Mac mac = Sha256.newMac(key);
    mac.update(challenge, 0, BYTES - MAC_BYTES);
    return mac.doFinal((purpose + "\0" + browser).getBytes(StandardCharsets.UTF_8));
  }
}
