package io.dropserver.web.tls;

import io.dropserver.state.AtomicFiles;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemWriter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stores the certificates that the authority issued, and the key of the account. A single file
 * {@code HOST.pem} contains the private key and the chain, so that a crash cannot separate them.
 * Thread-safe.
 */
final class IssuedCertificates {
  private static final Logger LOG = LoggerFactory.getLogger(IssuedCertificates.class);
  private static final String SUFFIX = ".pem";
  private static final String ACCOUNT = "account.key";

  private final Path folder;
  private final Map<String, KeyedCertificate> byHost = new ConcurrentHashMap<>();

  /** Creates the folder if it is missing, and reads the existing files. */
  IssuedCertificates(Path folder) {
    this.folder = folder;
    try {
      Files.createDirectories(
          folder,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      try (Stream<Path> files = Files.list(folder)) {
        files.filter(file -> file.toString().endsWith(SUFFIX)).forEach(this::read);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(
          folder + " cannot be used for certificates: " + e.getMessage(), e);
    }
  }

  private void read(Path file) {
    String name = String.valueOf(file.getFileName());
    try {
      byHost.put(name.substring(0, name.length() - SUFFIX.length()), PemFiles.read(file, file));
    } catch (TlsException e) {
      LOG.warn("a stored certificate cannot be used and is ordered again: {}", e.getMessage());
    }
  }

  Optional<KeyedCertificate> of(String host) {
    return Optional.ofNullable(byHost.get(host));
  }

  /** Returns the certificate for a host, of several the one that is valid for the longest time. */
  Optional<KeyedCertificate> covering(String host) {
    return Stream.of(
            host,
            CertificateOrder.wildcardName(host),
            CertificateOrder.wildcardName(host.substring(host.indexOf('.') + 1)))
        .flatMap(name -> of(name).stream())
        .filter(certificate -> certificate.covers(host))
        .max(Comparator.comparing(KeyedCertificate::notAfter));
  }

  /** Returns all certificates by the names of their orders, including those of former hosts. */
  Map<String, KeyedCertificate> all() {
    return Map.copyOf(byHost);
  }

  /** Stores a certificate on disk; {@link #of} returns it from then on. */
  void put(String host, KeyedCertificate certificate) throws IOException {
    List<PemObject> blocks = new ArrayList<>();
    blocks.add(new PemObject(PEMParser.TYPE_PRIVATE_KEY, certificate.key().getEncoded()));
    try {
      for (X509Certificate each : certificate.chain()) {
        blocks.add(new PemObject(PEMParser.TYPE_CERTIFICATE, each.getEncoded()));
      }
    } catch (java.security.cert.CertificateEncodingException e) {
      throw new IOException("the certificate of " + host + " cannot be written", e);
    }
    AtomicFiles.write(folder.resolve(host + SUFFIX), pem(blocks));
    byHost.put(host, certificate);
  }

  /** Deletes expired certificates of hosts that are not declared any more. */
  void deleteExpired(Set<String> declared, Instant now) throws IOException {
    for (String host : List.copyOf(byHost.keySet())) {
      if (!declared.contains(host)
          && of(host).filter(certificate -> certificate.notAfter().isBefore(now)).isPresent()) {
        Files.deleteIfExists(folder.resolve(host + SUFFIX));
        byHost.remove(host);
      }
    }
  }

  /** Returns the key of the ACME account, and creates it on the first call. */
  KeyPair account() throws IOException {
    Path file = folder.resolve(ACCOUNT);
    if (!Files.exists(file)) {
      KeyPair made = newKey();
      AtomicFiles.write(
          file,
          pem(
              List.of(
                  new PemObject(PEMParser.TYPE_PRIVATE_KEY, made.getPrivate().getEncoded()),
                  new PemObject(PEMParser.TYPE_PUBLIC_KEY, made.getPublic().getEncoded()))));
      return made;
    }
    String text = Files.readString(file, StandardCharsets.US_ASCII);
    PrivateKey key = PemFiles.key(file, text);
    return new KeyPair(PemFiles.publicKey(file, text), key);
  }

  /** Creates an EC key on the curve P-256, which every browser and authority supports. */
  static KeyPair newKey() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      return generator.generateKeyPair();
    } catch (java.security.GeneralSecurityException e) {
      throw new IllegalStateException("every Java has P-256", e);
    }
  }

  private static byte[] pem(List<PemObject> blocks) throws IOException {
    StringWriter text = new StringWriter();
    try (PemWriter out = new PemWriter(text)) {
      for (PemObject block : blocks) {
        out.writeObject(block);
      }
    }
    return text.toString().getBytes(StandardCharsets.US_ASCII);
  }
}
