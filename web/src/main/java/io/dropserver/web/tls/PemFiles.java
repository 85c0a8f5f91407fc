package io.dropserver.web.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.pkcs.RSAPrivateKey;
import org.bouncycastle.asn1.sec.ECPrivateKey;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;

/** Reads certificates and keys in PEM format (RFC 7468). */
final class PemFiles {
  private static final int MAX_BYTES = 1 << 20;

  private static final Pattern BLOCK =
      Pattern.compile(
          "-----BEGIN ([A-Z0-9 ]+)-----\\s*([^-]*?)\\s*-----END \\1-----", Pattern.DOTALL);

  /** JDK algorithm names by object identifier. */
  private static final Map<String, String> ALGORITHMS =
      Map.of(
          PKCSObjectIdentifiers.rsaEncryption.getId(),
          "RSA",
          X9ObjectIdentifiers.id_ecPublicKey.getId(),
          "EC",
          "1.3.101.112",
          "Ed25519",
          "1.3.101.113",
          "Ed448");

  private PemFiles() {}

  private record Block(String label, String base64) {
    byte[] content() {
      return Base64.getMimeDecoder().decode(base64);
    }
  }

  /**
   * Reads a chain and the key of its first certificate.
   *
   * @throws TlsException when a file cannot be read, or the key does not match
   */
  static KeyedCertificate read(Path chain, Path key) {
    List<X509Certificate> certificates = chain(chain, text(chain));
    try {
      return KeyedCertificate.of(certificates, key(key, text(key)));
    } catch (TlsException e) {
      throw e.getMessage() != null && e.getMessage().contains(key.toString())
          ? e
          : new TlsException(chain + " and " + key + ": " + e.getMessage(), e);
    }
  }

  /** Reads certificate authorities, in any order. */
  static List<X509Certificate> authorities(Path file) {
    return certificates(file, text(file));
  }

  /** Parses a chain, with the server's own certificate first. */
  static List<X509Certificate> chain(Path name, String text) {
    List<X509Certificate> chain = certificates(name, text);
    for (int i = 1; i < chain.size(); i++) {
      if (!chain
          .get(i - 1)
          .getIssuerX500Principal()
          .equals(chain.get(i).getSubjectX500Principal())) {
        throw new TlsException(
            name
                + ": certificate "
                + (i + 1)
                + " did not issue the one before it; put the server's own first, then the one"
                + " that issued it, and so on");
      }
    }
    return chain;
  }

  private static List<X509Certificate> certificates(Path name, String text) {
    List<X509Certificate> certificates = new ArrayList<>();
    try {
      CertificateFactory factory = CertificateFactory.getInstance("X.509");
      for (Block block : blocks(name, text)) {
        if (block.label().endsWith("CERTIFICATE")) {
          Certificate read = factory.generateCertificate(new ByteArrayInputStream(block.content()));
          certificates.add((X509Certificate) read);
        }
      }
    } catch (CertificateException | IllegalArgumentException e) {
      throw new TlsException(
          name + " holds a certificate that cannot be read: " + e.getMessage(), e);
    }
    if (certificates.isEmpty()) {
      throw new TlsException(
          name + " holds no certificate; it must have a block -----BEGIN CERTIFICATE-----");
    }
    return certificates;
  }

  /** Parses the first private key: PKCS#8, PKCS#1 (RSA) or SEC 1 (EC). */
  static PrivateKey key(Path name, String text) {
    for (Block block : blocks(name, text)) {
      try {
        switch (block.label()) {
          case "PRIVATE KEY" -> {
            return key(PrivateKeyInfo.getInstance(block.content()));
          }
          case "RSA PRIVATE KEY" -> {
            return key(rsa(block.content()));
          }
          case "EC PRIVATE KEY" -> {
            return key(elliptic(block.content()));
          }
          case "ENCRYPTED PRIVATE KEY" -> throw encrypted(name);
          default -> {
            // Parameters or certificates next to the key.
          }
        }
      } catch (GeneralSecurityException | IOException | IllegalArgumentException e) {
        throw new TlsException(name + " holds a key that cannot be read: " + e.getMessage(), e);
      }
    }
    throw new TlsException(
        name + " holds no private key; it must have a block -----BEGIN PRIVATE KEY-----");
  }

  /** Parses the first public key, as {@code openssl pkey -pubout} writes it. */
  static PublicKey publicKey(Path name, String text) {
    for (Block block : blocks(name, text)) {
      if (block.label().equals("PUBLIC KEY")) {
        try {
          SubjectPublicKeyInfo info = SubjectPublicKeyInfo.getInstance(block.content());
          return factory(info.getAlgorithm())
              .generatePublic(new X509EncodedKeySpec(block.content()));
        } catch (GeneralSecurityException | IOException | IllegalArgumentException e) {
          throw new TlsException(name + " holds a key that cannot be read: " + e.getMessage(), e);
        }
      }
    }
    throw new TlsException(
        name + " holds no public key; it must have a block -----BEGIN PUBLIC KEY-----");
  }

  private static PrivateKeyInfo rsa(byte[] content) throws IOException {
    AlgorithmIdentifier algorithm =
        new AlgorithmIdentifier(PKCSObjectIdentifiers.rsaEncryption, DERNull.INSTANCE);
    return new PrivateKeyInfo(algorithm, RSAPrivateKey.getInstance(content));
  }

  private static PrivateKeyInfo elliptic(byte[] content) throws IOException {
    ECPrivateKey key = ECPrivateKey.getInstance(content);
    if (key.getParametersObject() == null) {
      throw new IOException("it does not name its curve; convert it with openssl pkcs8 -topk8");
    }
    AlgorithmIdentifier algorithm =
        new AlgorithmIdentifier(X9ObjectIdentifiers.id_ecPublicKey, key.getParametersObject());
    return new PrivateKeyInfo(algorithm, key);
  }

  private static PrivateKey key(PrivateKeyInfo info) throws GeneralSecurityException, IOException {
    return factory(info.getPrivateKeyAlgorithm())
        .generatePrivate(new PKCS8EncodedKeySpec(info.getEncoded()));
  }

  private static KeyFactory factory(AlgorithmIdentifier named)
      throws GeneralSecurityException, IOException {
    String identifier = named.getAlgorithm().getId();
    String algorithm = ALGORITHMS.get(identifier);
    if (algorithm == null) {
      throw new IOException("its algorithm " + identifier + " is not supported; use RSA or EC");
    }
    return KeyFactory.getInstance(algorithm);
  }

  private static TlsException encrypted(Path name) {
    return new TlsException(
        name
            + " is encrypted, and nobody is there to ask for its password; decrypt it with openssl"
            + " pkey -in FILE -out NEW, chmod 600");
  }

  private static List<Block> blocks(Path name, String text) {
    List<Block> blocks = new ArrayList<>();
    Matcher matcher = BLOCK.matcher(text);
    while (matcher.find()) {
      String content = matcher.group(2);
      if (content.contains("Proc-Type: 4,ENCRYPTED")) {
        throw encrypted(name);
      }
      blocks.add(new Block(matcher.group(1), content));
    }
    return blocks;
  }

  private static String text(Path file) {
    try (var in = Files.newInputStream(file)) {
      return new String(in.readNBytes(MAX_BYTES), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new TlsException(file + " cannot be read: " + e, e);
    }
  }
}
