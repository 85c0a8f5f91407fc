package io.dropserver.web.push;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.interfaces.ECPublicKey;
import javax.crypto.Cipher;
import javax.crypto.KDF;
import javax.crypto.KeyAgreement;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.HKDFParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Encrypts a message for one browser, so that its push service cannot read it: RFC 8291, with the
 * content coding {@code aes128gcm} of RFC 8188 in a single record. Pure functions.
 */
final class MessageEncryption {
  static final int SALT = 16;

  /**
   * The maximum size in bytes of a message. Push services accept 4,096 bytes (RFC 8291, section 4),
   * of which the header takes 86, the delimiter 1 and the tag 16.
   */
  static final int MAX_PLAINTEXT = 3_993;

  private static final int RECORD_SIZE = 4_096;
  private static final int TAG_BITS = 128;
  private static final byte LAST_RECORD = 2;

  private MessageEncryption() {}

  /**
   * Encrypts a message.
   *
   * @param browser the public key of the browser
   * @param auth the secret of the browser, 16 bytes
   * @param own a key pair for this message alone
   * @param salt random, for this message alone
   * @return the body of a request with {@code Content-Encoding: aes128gcm}
   */
  static byte[] encrypt(byte[] message, ECPublicKey browser, byte[] auth, KeyPair own, byte[] salt)
      throws GeneralSecurityException {
    if (message.length > MAX_PLAINTEXT) {
      throw new IllegalArgumentException("a message has at most " + MAX_PLAINTEXT + " bytes");
    }
    byte[] ownPoint = P256.point((ECPublicKey) own.getPublic());
    byte[] info = info("WebPush: info", P256.point(browser), ownPoint);
    byte[] key = hkdf(auth, agreed(own, browser), info, 32);
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(
        Cipher.ENCRYPT_MODE,
        new SecretKeySpec(hkdf(salt, key, info("Content-Encoding: aes128gcm"), 16), "AES"),
        new GCMParameterSpec(TAG_BITS, hkdf(salt, key, info("Content-Encoding: nonce"), 12)));
    byte[] first = cipher.update(message);
    byte[] rest = cipher.doFinal(new byte[] {LAST_RECORD});
    int started = first == null ? 0 : first.length;
    ByteBuffer body =
        ByteBuffer.allocate(SALT + Integer.BYTES + 1 + ownPoint.length + started + rest.length);
    body.put(salt).putInt(RECORD_SIZE).put((byte) ownPoint.length).put(ownPoint);
    if (first != null) {
      body.put(first);
    }
    return body.put(rest).array();
  }

  private static byte[] agreed(KeyPair own, ECPublicKey browser) throws GeneralSecurityException {
    KeyAgreement agreement = KeyAgreement.getInstance("ECDH");
    agreement.init(own.getPrivate());
    var _ = agreement.doPhase(browser, true);
    return agreement.generateSecret();
  }

  private static byte[] hkdf(byte[] salt, byte[] key, byte[] info, int length)
      throws GeneralSecurityException {
    return KDF.getInstance("HKDF-SHA256")
        .deriveData(
            HKDFParameterSpec.ofExtract().addSalt(salt).addIKM(key).thenExpand(info, length));
  }

  /** Returns a text with a zero byte after it, and the parts that follow. */
  private static byte[] info(String text, byte[]... parts) {
    ByteBuffer info = ByteBuffer.allocate(text.length() + 1 + parts.length * P256.POINT);
    info.put(text.getBytes(StandardCharsets.US_ASCII)).put((byte) 0);
    for (byte[] part : parts) {
      info.put(part);
    }
    return info.array();
  }
}
