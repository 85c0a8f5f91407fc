package io.dropserver.web.push;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Cipher;
import javax.crypto.KeyAgreement;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A browser that subscribed, and the check that its push service makes. It shares no code with the
 * server: it decrypts as RFC 8291 and RFC 8188 tell a browser to.
 */
public final class ReceivingBrowser {
  private static final Pattern VAPID =
      Pattern.compile("vapid t=([\\w-]+)\\.([\\w-]+)\\.([\\w-]+), ?k=([\\w-]+)");

  private final KeyPair keys;
  private final byte[] auth = new byte[16];

  public ReceivingBrowser() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    keys = generator.generateKeyPair();
    new SecureRandom().nextBytes(auth);
  }

  /** The public key as base64url, as {@code PushSubscription.toJSON} returns it. */
  public String publicKey() {
    return encoded(point((ECPublicKey) keys.getPublic()));
  }

  public String auth() {
    return encoded(auth);
  }

  /** Decrypts the body of a request. */
  public String decrypt(byte[] body) throws GeneralSecurityException {
    ByteBuffer in = ByteBuffer.wrap(body);
    byte[] salt = new byte[16];
    in.get(salt);
    int recordSize = in.getInt();
    byte[] sender = new byte[in.get()];
    in.get(sender);
    byte[] sealed = new byte[in.remaining()];
    in.get(sealed);
    if (sealed.length > recordSize || body.length > 4096) {
      throw new GeneralSecurityException("too long for a push service");
    }
    KeyAgreement agreement = KeyAgreement.getInstance("ECDH");
    agreement.init(keys.getPrivate());
    var _ = agreement.doPhase(key(sender), true);
    byte[] info =
        concat(text("WebPush: info\0"), point((ECPublicKey) keys.getPublic()), sender, one());
    byte[] ikm = mac(mac(auth, agreement.generateSecret()), info);
    byte[] prk = mac(salt, ikm);
    byte[] cek = mac(prk, concat(text("Content-Encoding: aes128gcm\0"), one()));
    byte[] nonce = mac(prk, concat(text("Content-Encoding: nonce\0"), one()));
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(
        Cipher.DECRYPT_MODE,
        new SecretKeySpec(cek, 0, 16, "AES"),
        new GCMParameterSpec(128, nonce, 0, 12));
    byte[] padded = cipher.doFinal(sealed);
    int end = padded.length - 1;
    while (padded[end] == 0) {
      end--;
    }
    if (padded[end] != 2) {
      throw new GeneralSecurityException("not the last record");
    }
    return new String(padded, 0, end, StandardCharsets.UTF_8);
  }

  /**
   * Checks the header {@code Authorization} as a push service does, RFC 8292.
   *
   * @param applicationServerKey the key to which the subscription is bound
   * @return the claims
   */
  public static JsonNode verify(
      String authorization, String applicationServerKey, String audience, Instant now)
      throws GeneralSecurityException {
    Matcher parts = VAPID.matcher(authorization);
    if (!parts.matches() || !parts.group(4).equals(applicationServerKey)) {
      throw new GeneralSecurityException("another key, or no vapid: " + authorization);
    }
    Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
    signature.initVerify(key(decoded(parts.group(4))));
    signature.update(text(parts.group(1) + "." + parts.group(2)));
    if (!signature.verify(decoded(parts.group(3)))) {
      throw new GeneralSecurityException("the signature does not match");
    }
    JsonNode claims =
        JsonMapper.shared().readTree(new String(decoded(parts.group(2)), StandardCharsets.UTF_8));
    Instant expires = Instant.ofEpochSecond(claims.path("exp").asLong());
    if (!claims.path("aud").asString().equals(audience)
        || expires.isBefore(now)
        || expires.isAfter(now.plusSeconds(24 * 3600))) {
      throw new GeneralSecurityException("claims for another service or time: " + claims);
    }
    return claims;
  }

  private static ECPublicKey key(byte[] point) throws GeneralSecurityException {
    AlgorithmParameters curve = AlgorithmParameters.getInstance("EC");
    curve.init(new ECGenParameterSpec("secp256r1"));
    ECPoint at =
        new ECPoint(
            new BigInteger(1, Arrays.copyOfRange(point, 1, 33)),
            new BigInteger(1, Arrays.copyOfRange(point, 33, 65)));
    return (ECPublicKey)
        KeyFactory.getInstance("EC")
            .generatePublic(new ECPublicKeySpec(at, curve.getParameterSpec(ECParameterSpec.class)));
  }

  private static byte[] point(ECPublicKey key) {
    return concat(
        new byte[] {4},
        fixed(key.getW().getAffineX().toByteArray()),
        fixed(key.getW().getAffineY().toByteArray()));
  }

  private static byte[] fixed(byte[] number) {
    byte[] fixed = new byte[32];
    int length = Math.min(32, number.length);
    System.arraycopy(number, number.length - length, fixed, 32 - length, length);
    return fixed;
  }

  private static byte[] mac(byte[] key, byte[] data) throws GeneralSecurityException {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(key, "HmacSHA256"));
    return mac.doFinal(data);
  }

  private static byte[] one() {
    return new byte[] {1};
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[] concat(byte[]... parts) {
    ByteBuffer all = ByteBuffer.allocate(Arrays.stream(parts).mapToInt(part -> part.length).sum());
    for (byte[] part : parts) {
      all.put(part);
    }
    return all.array();
  }

  private static String encoded(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  private static byte[] decoded(String text) {
    return Base64.getUrlDecoder().decode(text);
  }
}
