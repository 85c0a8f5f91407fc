package io.dropserver.web.tls;

import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.openssl.PEMEncryptedKeyPair;
import org.bouncycastle.openssl.PEMException;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.X509TrustedCertificateBlock;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.pkcs.PKCS8EncryptedPrivateKeyInfo;
import org.bouncycastle.util.io.pem.PemObject;
import org.jspecify.annotations.Nullable;

/** Reads certificates and keys in PEM format (RFC 7468). Thread-safe. */
final class PemFiles {
  private static final int MAX_BYTES = 1 << 20;

  private static final Set<String> CERTIFICATES =
      Set.of(
          PEMParser.TYPE_CERTIFICATE,
          PEMParser.TYPE_X509_CERTIFICATE,
          PEMParser.TYPE_TRUSTED_CERTIFICATE);

  private static final Set<String> PRIVATE_KEYS =
      Set.of(
          PEMParser.TYPE_PRIVATE_KEY,
          PEMParser.TYPE_RSA_PRIVATE_KEY,
          PEMParser.TYPE_EC_PRIVATE_KEY,
          PEMParser.TYPE_ENCRYPTED_PRIVATE_KEY);

  /** Matches byte order marks and indentation, which editors and YAML add before a line. */
  private static final Pattern BEFORE_LINE = Pattern.compile("(?m)^(\u00EF\u00BB\u00BF)?[ \t]*");

  private PemFiles() {}

  /**
   * Parses the blocks of some types and skips all others, such as a private key next to its
   * certificate.
   */
  private static final class Blocks extends PEMParser {
    private final Set<String> types;

    Blocks(String text, Set<String> types) {
      super(new StringReader(BEFORE_LINE.matcher(text).replaceAll("")));
      this.types = types;
    }

    @Override
    public @Nullable PemObject readPemObject() throws IOException {
      PemObject block = super.readPemObject();
      while (block != null && !types.contains(block.getType())) {
        block = super.readPemObject();
      }
      return block;
    }

    /**
     * Returns the next block; empty at the end.
     *
     * @throws IOException when the block is incomplete, or its content does not match its type
     */
    Optional<Object> next() throws IOException {
      try {
        return Optional.ofNullable(readObject());
      } catch (IllegalArgumentException | IllegalStateException e) {
        throw new IOException(e.getMessage(), e);
      }
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

  /** Reads the certificates of authorities, in any order. */
  static List<X509Certificate> authorities(Path file) {
    return certificates(file, text(file));
  }

  /** Parses a chain. Each certificate must be followed by its issuer's. */
  static List<X509Certificate> chain(Path name, String text) {
    List<X509Certificate> chain = certificates(name, text);
    for (int i = 1; i < chain.size(); i++) {
      if (!chain
          .get(i - 1)
          .getIssuerX500Principal()
          .equals(chain.get(i).getSubjectX500Principal())) {
        throw new TlsException(
            "%s: certificate %d did not issue the one before it; put the server's certificate first, then the one that issued it, and so on"
                .formatted(name, i + 1));
      }
    }
    return chain;
  }

  private static List<X509Certificate> certificates(Path name, String text) {
    List<X509Certificate> certificates = new ArrayList<>();
    JcaX509CertificateConverter converter = new JcaX509CertificateConverter();
    try (Blocks blocks = new Blocks(text, CERTIFICATES)) {
      for (var block = blocks.next(); block.isPresent(); block = blocks.next()) {
        X509CertificateHolder holder =
            block.get() instanceof X509TrustedCertificateBlock trusted
                ? trusted.getCertificateHolder()
                : (X509CertificateHolder) block.get();
        certificates.add(converter.getCertificate(holder));
      }
    } catch (CertificateException | IOException e) {
      throw new TlsException(
          name + " contains a certificate that cannot be read: " + e.getMessage(), e);
    }
    if (certificates.isEmpty()) {
      throw new TlsException(
          name + " contains no certificate; it must have a block -----BEGIN CERTIFICATE-----");
    }
    return certificates;
  }

  /** Parses the first private key: PKCS#8, PKCS#1 (RSA) or SEC 1 (EC). */
  static PrivateKey key(Path name, String text) {
    try (Blocks blocks = new Blocks(text, PRIVATE_KEYS)) {
      return switch (blocks.next().orElse("")) {
        case PrivateKeyInfo info -> privateKey(info);
        case PEMKeyPair pair -> privateKey(pair.getPrivateKeyInfo());
        case PEMEncryptedKeyPair _, PKCS8EncryptedPrivateKeyInfo _ ->
            throw new TlsException(
                name
                    + " is encrypted, and the server cannot ask for the password; decrypt it with"
                    + " openssl pkey -in FILE -out NEW, chmod 600");
        default ->
            throw new TlsException(
                name
                    + " contains no private key; it must have a block -----BEGIN PRIVATE KEY-----");
      };
    } catch (IOException e) {
      throw unreadableKey(name, e);
    }
  }

  /** Parses the first public key, as {@code openssl pkey -pubout} writes it. */
  static PublicKey publicKey(Path name, String text) {
    try (Blocks blocks = new Blocks(text, Set.of(PEMParser.TYPE_PUBLIC_KEY))) {
      if (blocks.next().orElse("") instanceof SubjectPublicKeyInfo info) {
        return convert(info.getAlgorithm(), () -> converter().getPublicKey(info));
      }
    } catch (IOException e) {
      throw unreadableKey(name, e);
    }
    throw new TlsException(
        name + " contains no public key; it must have a block -----BEGIN PUBLIC KEY-----");
  }

  private static PrivateKey privateKey(PrivateKeyInfo info) throws IOException {
    AlgorithmIdentifier algorithm = info.getPrivateKeyAlgorithm();
    if (X9ObjectIdentifiers.id_ecPublicKey.equals(algorithm.getAlgorithm())
        && algorithm.getParameters() == null) {
      throw new IOException("it does not name its curve; convert it with openssl pkcs8 -topk8");
    }
    return convert(algorithm, () -> converter().getPrivateKey(info));
  }

  private interface Conversion<T> {
    T run() throws PEMException;
  }

  private static <T> T convert(AlgorithmIdentifier algorithm, Conversion<T> conversion)
      throws IOException {
    try {
      return conversion.run();
    } catch (PEMException e) {
      if (e.getCause() instanceof NoSuchAlgorithmException) {
        throw new IOException(
            "its algorithm %s is not supported; use RSA or EC"
                .formatted(algorithm.getAlgorithm().getId()),
            e);
      }
      throw e;
    }
  }

  /**
   * Creates a converter that names the algorithm of elliptic keys EC, as the JDK does. The
   * converter's default name is ECDSA.
   */
  private static JcaPEMKeyConverter converter() {
    return new JcaPEMKeyConverter().setAlgorithmMapping(X9ObjectIdentifiers.id_ecPublicKey, "EC");
  }

  private static TlsException unreadableKey(Path name, IOException e) {
    return new TlsException(name + " contains a key that cannot be read: " + e.getMessage(), e);
  }

  private static String text(Path file) {
    try (var in = Files.newInputStream(file)) {
      return new String(in.readNBytes(MAX_BYTES), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new TlsException(file + " cannot be read: " + e, e);
    }
  }
}
