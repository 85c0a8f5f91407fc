package io.dropserver.reconciler.source;

import io.dropserver.reconciler.source.Verification.Off;
import io.dropserver.reconciler.source.Verification.Signed;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.eclipse.jgit.lib.Config;
import org.eclipse.jgit.lib.GpgConfig;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.lib.SignatureVerifier;
import org.eclipse.jgit.lib.SignatureVerifiers;
import org.eclipse.jgit.revwalk.RevCommit;
import org.eclipse.jgit.util.RawParseUtils;

/** Checks the signature of a commit against the keys of the host configuration. */
record SignatureCheck(Verification verification) {
  /**
   * @return why the commit is not trusted; empty if it is
   */
  Optional<String> objection(Repository repository, RevCommit commit) {
    return switch (verification) {
      case Off() -> Optional.empty();
      case Signed signed -> check(signed, repository, commit);
    };
  }

  private static Optional<String> check(Signed signed, Repository repository, RevCommit commit) {
    byte[] signature = commit.getRawGpgSignature();
    if (signature == null) {
      return Optional.of("it is not signed");
    }
    try {
      return judge(signed, repository, payload(commit), signature);
    } catch (IOException e) {
      // If the key file is missing or malformed, no commit is trusted.
      return Optional.of("its signature cannot be verified: " + e.getMessage());
    }
  }

  private static Optional<String> judge(
      Signed signed, Repository repository, byte[] payload, byte[] signature) throws IOException {
    GpgConfig.GpgFormat format = SignatureVerifiers.getFormat(signature);
    if (format == GpgConfig.GpgFormat.SSH) {
      return signed.allowedSigners().isEmpty()
          ? Optional.of("it has an SSH signature and repo.verify names no allowedSignersFile")
          : ssh(signed, repository, payload, signature);
    }
    if (format == GpgConfig.GpgFormat.OPENPGP) {
      return signed.gpgKeys().isEmpty()
          ? Optional.of("it has a GPG signature and repo.verify names no gpgKeysFile")
          : new GpgSignature(signed.gpgKeys().get()).objection(payload, signature);
    }
    return Optional.of("its signature is neither SSH nor GPG");
  }

  private static Optional<String> ssh(
      Signed signed, Repository repository, byte[] payload, byte[] signature) throws IOException {
    Config config = new Config();
    config.setString("gpg", null, "format", "ssh");
    config.setString(
        "gpg", "ssh", "allowedSignersFile", absolute(signed.allowedSigners().orElseThrow()));
    signed
        .revokedKeys()
        .ifPresent(file -> config.setString("gpg", "ssh", "revocationFile", absolute(file)));
    SignatureVerifier verifier = SignatureVerifiers.get(GpgConfig.GpgFormat.SSH);
    if (verifier == null) {
      throw new IOException("JGit's SSH signature verifier is not on the class path");
    }
    // Read the keys each time, so that a revocation takes effect immediately.
    verifier.clear();
    SignatureVerifier.SignatureVerification result =
        verifier.verify(repository, new GpgConfig(config), payload, signature);
    if (result == null) {
      return Optional.of("its SSH signature cannot be read");
    }
    if (result.verified() && !result.expired()) {
      return Optional.empty();
    }
    String why = result.message() == null ? "its signing key is not allowed" : result.message();
    String key = result.keyFingerprint() == null ? "" : " (key " + result.keyFingerprint() + ")";
    return Optional.of(
        "its SSH signature is refused by %s%s: %s"
            .formatted(signed.allowedSigners().orElseThrow(), key, why));
  }

  private static String absolute(Path file) {
    return file.toAbsolutePath().toString();
  }

  /**
   * Returns the signed content: the commit without its signature header, see
   * gitformat-signature(5).
   */
  private static byte[] payload(RevCommit commit) {
    byte[] raw = commit.getRawBuffer();
    int value = RawParseUtils.headerStart(new byte[] {'g', 'p', 'g', 's', 'i', 'g'}, raw, 0);
    int start = value - "gpgsig ".length();
    int end = RawParseUtils.nextLfSkippingSplitLines(raw, value);
    byte[] payload = new byte[raw.length - (end + 1 - start)];
    System.arraycopy(raw, 0, payload, 0, start);
    System.arraycopy(raw, end + 1, payload, start, raw.length - end - 1);
    return payload;
  }
}
