package io.dropserver.testing;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.interfaces.XECPrivateKey;
import java.security.interfaces.XECPublicKey;
import java.security.spec.NamedParameterSpec;
import java.security.spec.XECPrivateKeySpec;
import java.security.spec.XECPublicKeySpec;
import java.util.Locale;
import javax.crypto.KeyAgreement;

/** A new age key of a test, encoded from the JDK's keys with the code of BIP 173. */
public record AgeKey(KeyPair pair, String recipient, String identity) {
  private static final String CHARACTERS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
  private static final int[] GENERATOR = {
    0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3
  };

  public static AgeKey create() {
    try {
      KeyPair pair = KeyPairGenerator.getInstance("X25519").generateKeyPair();
      byte[] scalar = ((XECPrivateKey) pair.getPrivate()).getScalar().orElseThrow();
      return new AgeKey(
          pair,
          bech32("age", u(pair.getPublic())),
          bech32("age-secret-key-", scalar).toUpperCase(Locale.ROOT));
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  /** Returns the keys of an identity that another program wrote. */
  public static KeyPair pairOf(String identity) throws GeneralSecurityException {
    String data = identity.toLowerCase(Locale.ROOT).substring("age-secret-key-1".length());
    BigInteger bits = BigInteger.ZERO;
    for (char c : data.substring(0, 52).toCharArray()) {
      bits = bits.shiftLeft(5).or(BigInteger.valueOf(CHARACTERS.indexOf(c)));
    }
    byte[] scalar = new byte[32];
    byte[] big = bits.shiftRight(4).toByteArray(); // 52 characters have 260 bits
    for (int i = 0; i < Math.min(32, big.length); i++) {
      scalar[31 - i] = big[big.length - 1 - i];
    }
    KeyFactory factory = KeyFactory.getInstance("X25519");
    PrivateKey own =
        factory.generatePrivate(new XECPrivateKeySpec(NamedParameterSpec.X25519, scalar));
    KeyAgreement agreement = KeyAgreement.getInstance("X25519");
    agreement.init(own);
    PublicKey base =
        factory.generatePublic(
            new XECPublicKeySpec(NamedParameterSpec.X25519, BigInteger.valueOf(9)));
    agreement.doPhase(base, true);
    BigInteger u = new BigInteger(1, reversed(agreement.generateSecret()));
    return new KeyPair(
        factory.generatePublic(new XECPublicKeySpec(NamedParameterSpec.X25519, u)), own);
  }

  /** Returns the coordinate of a key, in the byte order of X25519. */
  public static byte[] u(PublicKey key) {
    byte[] big = ((XECPublicKey) key).getU().toByteArray();
    byte[] u = new byte[32];
    for (int i = 0; i < Math.min(32, big.length); i++) {
      u[i] = big[big.length - 1 - i];
    }
    return u;
  }

  public static byte[] reversed(byte[] bytes) {
    byte[] other = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      other[i] = bytes[bytes.length - 1 - i];
    }
    return other;
  }

  private static String bech32(String prefix, byte[] bytes) {
    int[] data = new int[52];
    int bits = 0;
    int value = 0;
    int at = 0;
    for (byte each : bytes) {
      value = (value << 8) | (each & 0xff);
      bits += 8;
      while (bits >= 5) {
        bits -= 5;
        data[at++] = (value >> bits) & 31;
      }
      value &= (1 << bits) - 1;
    }
    data[at] = (value << (5 - bits)) & 31;
    int check = 1;
    for (int c : prefix.chars().toArray()) {
      check = polymod(check, c >> 5);
    }
    check = polymod(check, 0);
    for (int c : prefix.chars().toArray()) {
      check = polymod(check, c & 31);
    }
    StringBuilder text = new StringBuilder(prefix).append('1');
    for (int each : data) {
      check = polymod(check, each);
      text.append(CHARACTERS.charAt(each));
    }
    for (int i = 0; i < 6; i++) {
      check = polymod(check, 0);
    }
    check ^= 1;
    for (int i = 0; i < 6; i++) {
      text.append(CHARACTERS.charAt((check >> (5 * (5 - i))) & 31));
    }
    return text.toString();
  }

  private static int polymod(int check, int value) {
    int top = check >> 25;
    int next = ((check & 0x1ffffff) << 5) ^ value;
    for (int i = 0; i < 5; i++) {
      next ^= ((top >> i) & 1) == 1 ? GENERATOR[i] : 0;
    }
    return next;
  }
}
