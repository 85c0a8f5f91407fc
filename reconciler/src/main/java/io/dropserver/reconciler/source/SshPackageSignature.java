package io.dropserver.reconciler.source;

import io.dropserver.sandbox.app.SignatureRule;
import io.dropserver.schema.instance.App.PackageSigners;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.sshd.common.NamedFactory;
import org.apache.sshd.common.signature.BuiltinSignatures;
import org.apache.sshd.common.signature.Signature;
import org.apache.sshd.common.util.buffer.Buffer;
import org.apache.sshd.common.util.buffer.ByteArrayBuffer;

/**
 * Checks a signature of {@code ssh-keygen -Y sign -n dropserver-app}, in the format of OpenSSH's
 * PROTOCOL.sshsig. JGit's check of commits accepts the namespace {@code git} only.
 */
public record SshPackageSignature(PackageSigners signers) implements SignatureRule {
  static final String NAMESPACE = "dropserver-app";

  private static final byte[] MAGIC = "SSHSIG".getBytes(StandardCharsets.US_ASCII);
  private static final String BEGIN = "-----BEGIN SSH SIGNATURE-----";
  private static final String END = "-----END SSH SIGNATURE-----";
  private static final Map<String, String> DIGESTS =
      Map.of("sha256", "SHA-256", "sha512", "SHA-512");

  /** Without ssh-rsa, which signs with SHA-1. */
  private static final Set<String> ALGORITHMS =
      Set.of(
          "ssh-ed25519",
          "rsa-sha2-256",
          "rsa-sha2-512",
          "ecdsa-sha2-nistp256",
          "ecdsa-sha2-nistp384",
          "ecdsa-sha2-nistp521");

  /** Key and signature are in Base64. */
  private record Parsed(String key, String digest, String signature) {}

  @Override
  public URI url() {
    return signers.signature();
  }

  @Override
  public Optional<String> objection(Path file, byte[] signature) throws IOException {
    try {
      Parsed parsed = parse(new String(signature, StandardCharsets.ISO_8859_1));
      Set<String> accepted =
          signers.keys().stream()
              .map(line -> line.substring(line.indexOf(' ') + 1))
              .collect(Collectors.toSet());
      if (!accepted.contains(parsed.key())) {
        return Optional.of("its key is not one of `signers`");
      }
      return verifies(parsed, file)
          ? Optional.empty()
          : Optional.of("it is not a signature of this package");
    } catch (RefusedException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    } catch (GeneralSecurityException | RuntimeException e) {
      // The libraries throw various exceptions for malformed keys and signatures.
      return Optional.of("it cannot be read as an SSH signature");
    }
  }

  private static Parsed parse(String armored) throws RefusedException {
    String text = armored.strip();
    if (!text.startsWith(BEGIN) || !text.endsWith(END)) {
      throw new RefusedException("it is not an SSH signature");
    }
    String body = text.substring(BEGIN.length(), text.length() - END.length());
    Buffer in = new ByteArrayBuffer(Base64.getMimeDecoder().decode(body));
    byte[] magic = new byte[MAGIC.length];
    in.getRawBytes(magic);
    if (!Arrays.equals(magic, MAGIC) || in.getUInt() != 1) {
      throw new RefusedException("it is not an SSH signature of version 1");
    }
    byte[] key = in.getBytes();
    String namespace = in.getString();
    if (!namespace.equals(NAMESPACE)) {
      throw new RefusedException("it is for another namespace than " + NAMESPACE);
    }
    in.getBytes(); // reserved
    String digest = in.getString();
    if (!DIGESTS.containsKey(digest)) {
      throw new RefusedException("its hash algorithm is neither sha256 nor sha512");
    }
    Base64.Encoder encoder = Base64.getEncoder();
    return new Parsed(encoder.encodeToString(key), digest, encoder.encodeToString(in.getBytes()));
  }

  private static boolean verifies(Parsed parsed, Path file)
      throws IOException, GeneralSecurityException, RefusedException {
    byte[] key = Base64.getDecoder().decode(parsed.key());
    byte[] signature = Base64.getDecoder().decode(parsed.signature());
    String algorithm = new ByteArrayBuffer(signature).getString();
    if (!ALGORITHMS.contains(algorithm)) {
      throw new RefusedException("its algorithm is not accepted");
    }
    Buffer signed = new ByteArrayBuffer();
    signed.putRawBytes(MAGIC);
    signed.putString(NAMESPACE);
    signed.putString("");
    signed.putString(parsed.digest());
    signed.putBytes(digest(file, Objects.requireNonNull(DIGESTS.get(parsed.digest()))));
    NamedFactory<Signature> factory =
        Objects.requireNonNull(BuiltinSignatures.fromFactoryName(algorithm));
    Signature verifier = factory.create();
    try {
      verifier.initVerifier(null, new ByteArrayBuffer(key).getRawPublicKey());
      verifier.update(null, signed.getCompactData());
      return verifier.verify(null, signature);
    } catch (GeneralSecurityException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new GeneralSecurityException(e);
    }
  }

  private static byte[] digest(Path file, String algorithm)
      throws IOException, GeneralSecurityException {
    MessageDigest digest = MessageDigest.getInstance(algorithm);
    byte[] buffer = new byte[64 << 10];
    try (InputStream in = Files.newInputStream(file)) {
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        digest.update(buffer, 0, read);
      }
    }
    return digest.digest();
  }

  private static final class RefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    RefusedException(String message) {
      super(message);
    }
  }
}
