package io.dropserver.sandbox.app;

import static io.dropserver.state.condition.AppReason.HASH_MISMATCH;
import static io.dropserver.state.condition.AppReason.SIGNATURE_REFUSED;

import io.dropserver.sandbox.SandboxException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A Dropserver package: a {@code .tar.gz} at a URL, identified by its hash. The hash of the whole
 * file is verified before anything in it is read.
 */
public final class PackageFiles implements AppFiles {
  private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");

  private final URI url;
  private final String sha256;
  private final Path temporary;
  private final Optional<SignatureRule> signature;
  private final String contentId;
  private final PackageDownload download;

  /**
   * @param url {@code https:}, {@code file:}, or {@code http:} to this machine
   * @param sha256 64 hex digits
   * @param temporary an existing folder that only this process can write
   * @param signature empty if no signature is required
   */
  PackageFiles(
      URI url,
      String sha256,
      Path temporary,
      Optional<SignatureRule> signature,
      String contentId,
      PackageDownload download) {
    this.url = url;
    this.sha256 = checked(sha256);
    this.temporary = temporary;
    this.signature = signature;
    this.contentId = contentId;
    this.download = download;
  }

  private static String checked(String sha256) {
    String lower = sha256.toLowerCase(Locale.ROOT);
    if (!SHA256.matcher(lower).matches()) {
      throw new SandboxException(
          HASH_MISMATCH, "\"" + Printable.of(sha256) + "\" is not a sha256: write 64 hex digits.");
    }
    return lower;
  }

  @Override
  public String contentId() {
    return contentId;
  }

  @Override
  public void copyTo(Sink sink) throws IOException {
    Path file = Files.createTempFile(temporary, "package", ".tar.gz");
    try {
      String found = download.downloadTo(file, url);
      if (!found.equals(sha256)) {
        throw new SandboxException(
            HASH_MISMATCH,
            "The package at %s has sha256 %s, but the App document names %s. If the new content is intended, write its sha256 there."
                .formatted(PackageDownload.displayUrl(url), found, sha256));
      }
      if (signature.isPresent()) {
        requireSignature(file, signature.get());
      }
      long size = Files.size(file);
      try (InputStream in = Files.newInputStream(file)) {
        PackageArchive.read(in, size, sink);
      }
    } finally {
      Files.deleteIfExists(file);
    }
  }

  private void requireSignature(Path file, SignatureRule rule) throws IOException {
    Path downloaded = Files.createTempFile(temporary, "package", ".sig");
    try {
      download.ofSignature().downloadTo(downloaded, rule.url());
      Optional<String> objection = rule.objection(file, Files.readAllBytes(downloaded));
      if (objection.isPresent()) {
        throw new SandboxException(
            SIGNATURE_REFUSED,
            "The signature at %s of the package at %s is refused: %s. Sign the package with `dropserver app pack --sign`, or correct `signers` in the App document."
                .formatted(
                    PackageDownload.displayUrl(rule.url()),
                    PackageDownload.displayUrl(url),
                    Printable.of(objection.get())));
      }
    } finally {
      Files.deleteIfExists(downloaded);
    }
  }
}
