package io.dropserver.reconciler.sops;

import io.dropserver.schema.sops.EncryptedValue;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Encrypts the values of one SOPS file with AES-256-GCM. Each value is bound to its path.
 * Thread-safe.
 */
final class ValueCipher {
  static final int KEY_BYTES = 32;

  private static final SecureRandom RANDOM = new SecureRandom();
  private static final Pattern INTEGER = Pattern.compile("-?[0-9]{1,20}");
  private static final Pattern FLOAT =
      Pattern.compile("[+-]?(Inf|NaN|[0-9]{1,400}(\\.[0-9]{1,400})?)");
  private static final Pattern TIME =
      Pattern.compile(
          "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}(\\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})");

  private final SecretKey key;

  /**
   * @param dataKey 32 bytes
   */
  ValueCipher(byte[] dataKey) {
    this.key = new SecretKeySpec(dataKey, "AES");
  }

  static byte[] newDataKey() {
    byte[] dataKey = new byte[KEY_BYTES];
    RANDOM.nextBytes(dataKey);
    return dataKey;
  }

  /**
   * Returns the additional data of a value: the keys of its path, each followed by a colon. Colons
   * in keys are not escaped, so callers must not permit them.
   */
  static String context(List<String> path) {
    return String.join(":", path) + ":";
  }

  /** Decrypts a value; empty if key, context or the value itself is not the encrypted one. */
  Optional<byte[]> open(EncryptedValue value, String context) {
    byte[] sealed =
        ByteBuffer.allocate(value.data().length + value.tag().length)
            .put(value.data())
            .put(value.tag())
            .array();
    try {
      byte[] plain = cipher(Cipher.DECRYPT_MODE, value.iv(), context).doFinal(sealed);
      return isOfType(plain, value.type()) ? Optional.of(plain) : Optional.empty();
    } catch (AEADBadTagException e) {
      return Optional.empty();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has AES-GCM", e);
    }
  }

  EncryptedValue seal(String text, String context) {
    byte[] iv = new byte[EncryptedValue.IV_BYTES];
    RANDOM.nextBytes(iv);
    try {
      byte[] sealed =
          cipher(Cipher.ENCRYPT_MODE, iv, context).doFinal(text.getBytes(StandardCharsets.UTF_8));
      int data = sealed.length - EncryptedValue.TAG_BYTES;
      return new EncryptedValue(
          Arrays.copyOf(sealed, data), iv, Arrays.copyOfRange(sealed, data, sealed.length), "str");
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has AES-GCM", e);
    }
  }

  private Cipher cipher(int mode, byte[] iv, String context) throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(mode, key, new GCMParameterSpec(EncryptedValue.TAG_BYTES * Byte.SIZE, iv));
    cipher.updateAAD(context.getBytes(StandardCharsets.UTF_8));
    return cipher;
  }

  private static boolean isOfType(byte[] plain, String type) {
    String text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(plain)).toString();
    } catch (CharacterCodingException e) {
      return false;
    }
    return switch (type) {
      case "str", "comment" -> true;
      case "int" -> INTEGER.matcher(text).matches();
      case "float" -> FLOAT.matcher(text).matches();
      case "bool" -> text.equals("True") || text.equals("False");
      case "time" -> TIME.matcher(text).matches();
      default -> false;
    };
  }
}
