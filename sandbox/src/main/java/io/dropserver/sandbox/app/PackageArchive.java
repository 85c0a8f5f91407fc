package io.dropserver.sandbox.app;

import static io.dropserver.state.condition.AppReason.PACKAGE_UNSAFE;

import io.dropserver.sandbox.SandboxException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;

/**
 * Reads a {@code .tar.gz} that may be hostile. Accepts only what {@code tar} itself writes for
 * regular files and folders. Any other kind of entry makes the whole package invalid.
 */
final class PackageArchive {
  /** The limit for PAX records and long names of one entry, which the library keeps in memory. */
  private static final long HEADER_BYTES = 64 << 10;

  /** The number of entries is also limited, because folders do not count as files. */
  private static final int MAX_ENTRIES = 100_000;

  /**
   * The maximum amount of padding. tar pads the end of an archive to a record of 10 KiB (blocking
   * factor 20); some programs pad further.
   */
  private static final long PADDING_BYTES = 1 << 20;

  private PackageArchive() {}

  /**
   * Passes each file of the package to the sink.
   *
   * @param in the compressed bytes
   * @param compressedSize their number
   */
  static void read(InputStream in, long compressedSize, AppFiles.Sink sink) throws IOException {
    try (BufferedInputStream raw = new BufferedInputStream(in)) {
      var unzipped = gunzip(raw);
      var metered = new MeteredInput(unzipped, compressedSize);
      readTar(metered, sink);
      requireOnlyPadding(metered);
      if (raw.read() >= 0) {
        throw trailingData();
      }
    }
  }

  private static InputStream gunzip(BufferedInputStream raw) throws IOException {
    try {
      return GzipCompressorInputStream.builder()
          .setInputStream(raw)
          .setDecompressConcatenated(false)
          .get();
    } catch (IOException e) {
      throw new SandboxException(PACKAGE_UNSAFE, "The package is not a .tar.gz file.", e);
    }
  }

  // The tar stream is not closed: that would close the stream below, whose end is checked
  // afterwards.
  @SuppressWarnings("resource")
  private static void readTar(MeteredInput metered, AppFiles.Sink sink) throws IOException {
    var tar =
        new TarArchiveInputStream(
            metered, TarConstants.DEFAULT_RCDSIZE, StandardCharsets.UTF_8.name());
    int entries = 0;
    try {
      for (var entry = next(tar, metered); entry != null; entry = next(tar, metered)) {
        if (++entries > MAX_ENTRIES) {
          throw new SandboxException(
              PACKAGE_UNSAFE, "The package contains more than " + MAX_ENTRIES + " entries.");
        }
        if (isFile(entry)) {
          metered.allow(entry.getSize());
          sink.file(name(entry), tar);
        }
      }
    } catch (IOException | IllegalArgumentException e) {
      throw new SandboxException(
          PACKAGE_UNSAFE,
          "The package cannot be read as a .tar.gz file: "
              + Printable.of(String.valueOf(e.getMessage())),
          e);
    }
    if (entries == 0) {
      throw new SandboxException(PACKAGE_UNSAFE, "The package is empty.");
    }
  }

  private static TarArchiveEntry next(TarArchiveInputStream tar, MeteredInput metered)
      throws IOException {
    metered.allow(HEADER_BYTES);
    return tar.getNextEntry();
  }

  /**
   * Returns whether an entry is a regular file and not a folder. Refuses all other kinds of
   * entries. Reads the type flag itself, because the library's isFile() also returns true for other
   * types.
   */
  private static boolean isFile(TarArchiveEntry entry) throws IOException {
    if (!entry.isCheckSumOK()) {
      throw new IOException("a header's checksum is wrong");
    }
    byte flag = entry.getLinkFlag();
    boolean plain = flag == TarConstants.LF_NORMAL || flag == TarConstants.LF_OLDNORM;
    boolean folder = flag == TarConstants.LF_DIR || (plain && entry.getName().endsWith("/"));
    if (entry.isSparse() || !(plain || folder)) {
      throw new SandboxException(
          PACKAGE_UNSAFE,
          "Entry \"%s\" of the package is %s: only plain files and folders are unpacked."
              .formatted(Printable.of(entry.getName()), kind(entry)));
    }
    if (folder && entry.getSize() != 0) {
      throw new SandboxException(
          PACKAGE_UNSAFE,
          "Folder \"" + Printable.of(entry.getName()) + "\" of the package has content.");
    }
    return !folder;
  }

  private static String kind(TarArchiveEntry entry) {
    if (entry.isSparse()) {
      return "a sparse file";
    }
    return switch (entry.getLinkFlag()) {
      case TarConstants.LF_LINK -> "a hard link";
      case TarConstants.LF_SYMLINK -> "a symbolic link";
      case TarConstants.LF_CHR, TarConstants.LF_BLK -> "a device";
      case TarConstants.LF_FIFO -> "a pipe";
      default -> "of an unsupported type";
    };
  }

  /**
   * Returns the name of an entry without a leading {@code ./}, which {@code tar -C folder .} writes
   * before every name.
   */
  private static String name(TarArchiveEntry entry) {
    String name = entry.getName();
    // The library replaces invalid UTF-8 with this character, and no import can reach such a name.
    if (name.indexOf('?') >= 0) {
      throw new SandboxException(
          PACKAGE_UNSAFE,
          "Entry \""
              + Printable.of(name)
              + "\" of the package is refused: its name is not valid UTF-8, or contains a question"
              + " mark.");
    }
    return name.startsWith("./") ? name.substring(2) : name;
  }

  private static void requireOnlyPadding(MeteredInput metered) throws IOException {
    metered.allow(PADDING_BYTES);
    byte[] buffer = new byte[8192];
    for (int read = metered.read(buffer); read >= 0; read = metered.read(buffer)) {
      for (int i = 0; i < read; i++) {
        if (buffer[i] != 0) {
          throw trailingData();
        }
      }
    }
  }

  private static SandboxException trailingData() {
    return new SandboxException(
        PACKAGE_UNSAFE,
        "The package has data after the end of its archive: pack it again with one run of tar.");
  }
}
