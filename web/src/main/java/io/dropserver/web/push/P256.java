package io.dropserver.web.push;

import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECFieldFp;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPrivateKeySpec;
import java.security.spec.ECPublicKeySpec;
import java.util.Arrays;

/** Keys of the curve P-256, in the encodings of Web Push. */
final class P256 {
  /** The size in bytes of a coordinate, and of a private key. */
  static final int COORDINATE = 32;

  /** The size in bytes of an uncompressed point: SEC 1, section 2.3.3. */
  static final int POINT = 1 + 2 * COORDINATE;

  private static final byte UNCOMPRESSED = 4;
  private static final String CURVE = "secp256r1";
  private static final ECParameterSpec PARAMETERS = parameters();

  private P256() {}

  private static ECParameterSpec parameters() {
    try {
      AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
      parameters.init(new ECGenParameterSpec(CURVE));
      return parameters.getParameterSpec(ECParameterSpec.class);
    } catch (GeneralSecurityException e) {
      throw new AssertionError("this Java platform lacks P-256", e);
    }
  }

  static KeyPair generate() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec(CURVE));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new AssertionError("this Java platform lacks P-256", e);
    }
  }

  /**
   * Decodes a public key.
   *
   * @throws InvalidKeyException when it is not an uncompressed point of the curve. A point of
   *     another curve could reveal a private key.
   */
  static ECPublicKey publicKey(byte[] point) throws InvalidKeyException {
    if (point.length != POINT || point[0] != UNCOMPRESSED) {
      throw new InvalidKeyException("not an uncompressed point of P-256");
    }
    BigInteger x = new BigInteger(1, Arrays.copyOfRange(point, 1, 1 + COORDINATE));
    BigInteger y = new BigInteger(1, Arrays.copyOfRange(point, 1 + COORDINATE, POINT));
    BigInteger p = ((ECFieldFp) PARAMETERS.getCurve().getField()).getP();
    BigInteger right =
        x.pow(3).add(PARAMETERS.getCurve().getA().multiply(x)).add(PARAMETERS.getCurve().getB());
    if (x.compareTo(p) >= 0
        || y.compareTo(p) >= 0
        || !y.multiply(y).subtract(right).mod(p).equals(BigInteger.ZERO)) {
      throw new InvalidKeyException("not a point of P-256");
    }
    try {
      return (ECPublicKey)
          KeyFactory.getInstance("EC")
              .generatePublic(new ECPublicKeySpec(new ECPoint(x, y), PARAMETERS));
    } catch (GeneralSecurityException e) {
      throw new InvalidKeyException("not a point of P-256", e);
    }
  }

  /** Encodes a public key as an uncompressed point. */
  static byte[] point(ECPublicKey key) {
    byte[] point = new byte[POINT];
    point[0] = UNCOMPRESSED;
    put(key.getW().getAffineX(), point, 1);
    put(key.getW().getAffineY(), point, 1 + COORDINATE);
    return point;
  }

  /**
   * Decodes a private key.
   *
   * @throws InvalidKeyException when the number is not a private key of the curve
   */
  static ECPrivateKey privateKey(byte[] number) throws InvalidKeyException {
    BigInteger s = new BigInteger(1, number);
    if (s.signum() == 0 || s.compareTo(PARAMETERS.getOrder()) >= 0) {
      throw new InvalidKeyException("not a private key of P-256");
    }
    try {
      return (ECPrivateKey)
          KeyFactory.getInstance("EC").generatePrivate(new ECPrivateKeySpec(s, PARAMETERS));
    } catch (GeneralSecurityException e) {
      throw new InvalidKeyException("not a private key of P-256", e);
    }
  }

  /** Encodes a private key. */
  static byte[] number(ECPrivateKey key) {
    byte[] number = new byte[COORDINATE];
    put(key.getS(), number, 0);
    return number;
  }

  private static void put(BigInteger number, byte[] target, int offset) {
    byte[] bytes = number.toByteArray(); // may have a leading zero, or be shorter
    int length = Math.min(bytes.length, COORDINATE);
    System.arraycopy(bytes, bytes.length - length, target, offset + COORDINATE - length, length);
  }
}
