package io.dropserver.reconciler.source;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import org.bouncycastle.bcpg.HashAlgorithmTags;
import org.bouncycastle.openpgp.PGPException;
import org.bouncycastle.openpgp.PGPPublicKey;
import org.bouncycastle.openpgp.PGPPublicKeyRing;
import org.bouncycastle.openpgp.PGPPublicKeyRingCollection;
import org.bouncycastle.openpgp.PGPSignature;
import org.bouncycastle.openpgp.PGPSignatureList;
import org.bouncycastle.openpgp.PGPUtil;
import org.bouncycastle.openpgp.bc.BcPGPObjectFactory;
import org.bouncycastle.openpgp.operator.bc.BcKeyFingerprintCalculator;
import org.bouncycastle.openpgp.operator.bc.BcPGPContentVerifierBuilderProvider;

/**
 * Verifies an OpenPGP signature against the keys in one file. Replaces JGit's verifier, which uses
 * the user's {@code ~/.gnupg}.
 */
record GpgSignature(Path keys) {
  /**
   * @return why the signature is not trusted; empty if it is
   */
  Optional<String> objection(byte[] payload, byte[] signatureBytes) throws IOException {
    PGPPublicKeyRingCollection allowed = readKeys();
    try {
      Optional<PGPSignature> parsed = parse(signatureBytes);
      if (parsed.isEmpty()) {
        return Optional.of("its GPG signature cannot be read");
      }
      PGPSignature signature = parsed.get();
      String id = String.format(Locale.ROOT, "%016X", signature.getKeyID());
      PGPPublicKeyRing ring = allowed.getPublicKeyRing(signature.getKeyID());
      if (ring == null) {
        return Optional.of("its GPG key " + id + " is not in " + keys);
      }
      return judge(signature, ring, payload).map(why -> "its GPG key " + id + " " + why);
    } catch (PGPException | RuntimeException e) {
      // The bytes may be hostile. Bouncy Castle reports malformed bytes with many exception types.
      return Optional.of("its GPG signature cannot be read: " + e.getMessage());
    }
  }

  private static Optional<String> judge(
      PGPSignature signature, PGPPublicKeyRing ring, byte[] payload) throws PGPException {
    PGPPublicKey key = ring.getPublicKey(signature.getKeyID());
    if (!isDataSignature(signature) || isWeak(signature.getHashAlgorithm())) {
      return Optional.of("made a signature of a kind or hash that is not accepted");
    }
    if (ring.getPublicKey().hasRevocation() || key.hasRevocation()) {
      return Optional.of("is revoked");
    }
    Instant signedAt = signature.getCreationTime().toInstant();
    if (expired(key, signedAt) || expired(ring.getPublicKey(), signedAt)) {
      return Optional.of("had expired when it signed");
    }
    signature.init(new BcPGPContentVerifierBuilderProvider(), key);
    signature.update(payload);
    return signature.verify() ? Optional.empty() : Optional.of("did not sign this content");
  }

  private static boolean isDataSignature(PGPSignature signature) {
    return signature.getSignatureType() == PGPSignature.BINARY_DOCUMENT
        || signature.getSignatureType() == PGPSignature.CANONICAL_TEXT_DOCUMENT;
  }

  private static boolean isWeak(int hash) {
    return hash == HashAlgorithmTags.MD5
        || hash == HashAlgorithmTags.SHA1
        || hash == HashAlgorithmTags.RIPEMD160;
  }

  private static boolean expired(PGPPublicKey key, Instant at) {
    long seconds = key.getValidSeconds();
    return seconds > 0 && at.isAfter(key.getCreationTime().toInstant().plusSeconds(seconds));
  }

  private PGPPublicKeyRingCollection readKeys() throws IOException {
    try (InputStream file = Files.newInputStream(keys)) {
      return new PGPPublicKeyRingCollection(
          PGPUtil.getDecoderStream(file), new BcKeyFingerprintCalculator());
    } catch (IOException | PGPException e) {
      throw new IOException("the GPG key file " + keys + " cannot be read: " + e.getMessage(), e);
    }
  }

  private static Optional<PGPSignature> parse(byte[] bytes) throws IOException {
    InputStream decoded = PGPUtil.getDecoderStream(new ByteArrayInputStream(bytes));
    Object first = new BcPGPObjectFactory(decoded).nextObject();
    return first instanceof PGPSignatureList list && list.size() == 1
        ? Optional.of(list.get(0))
        : Optional.empty();
  }
}
