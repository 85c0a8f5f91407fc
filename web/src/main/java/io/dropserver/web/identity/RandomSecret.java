package io.dropserver.web.identity;

import io.dropserver.base.text.Sha256;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;

/**
 * Generates the random secrets that browsers receive, and the hashes that the server stores.
 * Thread-safe.
 */
final class RandomSecret {
  private static final int BYTES = 32;
  private static final SecureRandom RANDOM = new SecureRandom();

  private RandomSecret() {}

  /** Returns 256 random bits as 43 characters of base64url. */
  static String generate() {
    return encoded(random(BYTES));
  }

  /** Encodes as base64url without padding (RFC 4648, section 5). */
  static String encoded(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  /**
   * Decodes base64url.
   *
   * @throws IllegalArgumentException when the text is not base64url
   */
  static byte[] decoded(String text) {
    return Base64.getUrlDecoder().decode(text);
  }

  /** Returns a random id that is not a secret: 12 hexadecimal digits. */
  static String randomId() {
    return HexFormat.of().formatHex(random(6));
  }

  static byte[] random(int bytes) {
    byte[] random = new byte[bytes];
    RANDOM.nextBytes(random);
    return random;
  }

  /**
   * Returns the SHA-256 of a secret, hexadecimal. A fast hash is enough, because the secrets are
   * random. Because secrets are looked up by their hash, the timing of comparisons does not reveal
   * them.
   */
  static String hash(String secret) {
    return HexFormat.of().formatHex(Sha256.of(secret));
  }
}
