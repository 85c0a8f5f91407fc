package io.dropserver.web.identity;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * What authenticators sign, once. Nothing is kept of a challenge that is given out, so that nobody
 * fills a memory by asking: it carries its end, and a MAC over what it is for and the browser that
 * asked. Kept are those that were used, until their end; only the holder of a passkey adds to them.
 * Thread-safe.
 */
final class Challenges {
  static final Duration LIFE = Duration.ofMinutes(5);

  private static final int KEPT = 100_000;
  private static final int RANDOM_BYTES = 16;
  private static final int MAC_BYTES = 32;
  private static final int BYTES = RANDOM_BYTES + Long.BYTES + MAC_BYTES;

  private final InstantSource clock;

  /** Of this process: a restart ends what was given out. */
  private final SecretKeySpec key = new SecretKeySpec(Secret.random(MAC_BYTES), "HmacSHA256");

  /** When each may be forgotten, the first used first; guarded by this object's lock. */
  private final Map<String, Instant> used = new LinkedHashMap<>();

  Challenges(InstantSource clock) {
    this.clock = clock;
  }

  /**
   * @param purpose what a signature of it will be good for
   * @param browser the nonce that the browser keeps
   */
  byte[] issue(String purpose, String browser) {
    ByteBuffer challenge = ByteBuffer.allocate(BYTES);
    challenge.put(Secret.random(RANDOM_BYTES));
    challenge.putLong(clock.instant().plus(LIFE).toEpochMilli());
    byte[] mac = mac(challenge.array(), purpose, browser);
    return challenge.put(mac).array();
  }

  /** Whether it was given to that browser for that, has not ended, and was not used. */
  boolean knows(byte[] challenge, String purpose, String browser) {
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
    return used.containsKey(HexFormat.of().formatHex(challenge));
  }

  /**
   * Uses one up that a passkey has signed.
   *
   * @return true for one of several calls; false also when too many were used lately
   */
  synchronized boolean use(byte[] challenge) {
    Instant now = clock.instant();
    Iterator<Instant> oldest = used.values().iterator();
    while (oldest.hasNext() && !now.isBefore(oldest.next())) {
      oldest.remove();
    }
    return used.size() < KEPT
        && used.putIfAbsent(HexFormat.of().formatHex(challenge), now.plus(LIFE)) == null;
  }

  /** Over all of it that stands before the MAC. */
  private byte[] mac(byte[] challenge, String purpose, String browser) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(key);
      mac.update(challenge, 0, BYTES - MAC_BYTES);
      mac.update((purpose + "\0" + browser).getBytes(StandardCharsets.UTF_8));
      return mac.doFinal();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has HmacSHA256", e);
    }
  }
}
