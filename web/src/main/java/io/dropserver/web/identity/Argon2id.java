package io.dropserver.web.identity;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;

/**
 * Hashes passwords with argon2id (RFC 9106) in PHC string format, {@code
 * $argon2id$v=19$m=19456,t=2,p=1$salt$hash}. Verification uses the parameters of each hash, so a
 * later release may raise them. Thread-safe.
 */
final class Argon2id {
  /** The OWASP recommendation for interactive log-ins: 19 MiB, two passes. */
  private static final int MEMORY_KIB = 19_456;

  private static final int PASSES = 2;
  private static final int LANES = 1;
  private static final int SALT_BYTES = 16;
  private static final int HASH_BYTES = 32;
  private static final Pattern FORM =
      Pattern.compile(
          "\\$argon2id\\$v=19\\$m=(\\d{1,7}),t=(\\d{1,3}),p=(\\d{1,2})"
              + "\\$([A-Za-z0-9+/]+)\\$([A-Za-z0-9+/]+)");

  private Argon2id() {}

  static String hash(String password) {
    byte[] salt = RandomSecret.random(SALT_BYTES);
    return text(salt, hash(password, MEMORY_KIB, PASSES, LANES, salt, HASH_BYTES));
  }

  /** Returns a random value in this format. No known password matches it. */
  static String random() {
    return text(RandomSecret.random(SALT_BYTES), RandomSecret.random(HASH_BYTES));
  }

  private static String text(byte[] salt, byte[] hash) {
    Base64.Encoder base64 = Base64.getEncoder().withoutPadding();
    return "$argon2id$v=19$m=%d,t=%d,p=%d$%s$%s"
        .formatted(
            MEMORY_KIB, PASSES, LANES, base64.encodeToString(salt), base64.encodeToString(hash));
  }

  /**
   * Compares in constant time.
   *
   * @throws IllegalArgumentException when {@code hashed} does not have this format
   */
  static boolean matches(String password, String hashed) {
    Matcher parts = FORM.matcher(hashed);
    if (!parts.matches()) {
      throw new IllegalArgumentException("a stored password is not an argon2id hash");
    }
    byte[] wanted = Base64.getDecoder().decode(parts.group(5));
    byte[] given =
        hash(
            password,
            Integer.parseInt(parts.group(1)),
            Integer.parseInt(parts.group(2)),
            Integer.parseInt(parts.group(3)),
            Base64.getDecoder().decode(parts.group(4)),
            wanted.length);
    return MessageDigest.isEqual(wanted, given);
  }

  private static byte[] hash(
      String password, int memoryKib, int passes, int lanes, byte[] salt, int bytes) {
    Argon2BytesGenerator generator = new Argon2BytesGenerator();
    generator.init(
        new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
            .withVersion(Argon2Parameters.ARGON2_VERSION_13)
            .withMemoryAsKB(memoryKib)
            .withIterations(passes)
            .withParallelism(lanes)
            .withSalt(salt)
            .build());
    byte[] hash = new byte[bytes];
    generator.generateBytes(password.getBytes(StandardCharsets.UTF_8), hash);
    return hash;
  }
}
