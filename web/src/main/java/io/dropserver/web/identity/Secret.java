package io.dropserver.web.identity;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;

/** Random secrets that a browser keeps, and what is kept of them here. Thread-safe. */
final class Secret {
  private static final int BYTES = 32;
  private static final SecureRandom RANDOM = new SecureRandom();

  private Secret() {}

  /** 256 random bits, 43 characters of base64url. */
  static String fresh() {
    return encoded(random(BYTES));
  }

  /** Base64url without padding (RFC 4648, section 5). */
  static String encoded(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  /**
   * @throws IllegalArgumentException when it is no base64url
   */
  static byte[] decoded(String text) {
    return Base64.getUrlDecoder().decode(text);
  }

  /** Tells things apart and opens nothing: 12 hexadecimal digits. */
  static String label() {
    return HexFormat.of().formatHex(random(6));
  }

  static byte[] random(int bytes) {
    byte[] random = new byte[bytes];
    RANDOM.nextBytes(random);
    return random;
  }

  /**
   * SHA-256, hexadecimal. Enough for what is random: nobody can try all. Looked up by its hash, so
   * that the time of a comparison tells nothing about the secret.
   */
  static String hash(String secret) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(secret.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
