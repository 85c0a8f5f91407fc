package io.dropserver.sandbox.app;

import static io.dropserver.state.condition.AppReason.PACKAGE_UNSAFE;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.WRITE;

import io.dropserver.base.text.Sha256;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.schema.instance.FolderTree;
import io.dropserver.schema.instance.SourceTree;
import io.dropserver.schema.instance.SourceTree.TreeEntry;
import io.dropserver.schema.instance.SourceTree.TreeEntryType;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Predicate;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorOutputStream;
import org.apache.commons.compress.compressors.gzip.GzipParameters;

/**
 * Writes a folder as a Dropserver package: a {@code .tar.gz} that {@link PackageArchive} reads. The
 * bytes depend on the paths and contents of the files only: entries are sorted and have a fixed
 * time, owner and mode.
 */
public final class PackageWriter {
  private static final int MODE = 0100644;
  private static final int NO_OPERATING_SYSTEM = 255;
  private static final int BEST_COMPRESSION = 9;
  private static final AppSizeLimits BOUNDS = AppSizeLimits.DEFAULT;

  private PackageWriter() {}

  /**
   * A written package.
   *
   * @param files their number
   * @param bytes of the compressed package
   * @param sha256 64 hex digits
   */
  public record Written(int files, long bytes, String sha256) {}

  /**
   * Writes all files of a tree.
   *
   * @param target is replaced
   * @throws SandboxException reason {@code PackageUnsafe} when an installation would refuse a file
   */
  public static Written write(SourceTree tree, Path target) throws IOException {
    List<TreeEntry> entries =
        tree.entries().stream().sorted(Comparator.comparing(TreeEntry::path)).toList();
    check(entries);
    MessageDigest digest = Sha256.newDigest();
    // The folder may be a stranger's, and contain a link of this name.
    Files.deleteIfExists(target);
    try (OutputStream out =
            new DigestOutputStream(Files.newOutputStream(target, CREATE_NEW, WRITE), digest);
        var gzip = new GzipCompressorOutputStream(out, parameters());
        var tar = new TarArchiveOutputStream(gzip, "UTF-8")) {
      tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
      tar.setAddPaxHeadersForNonAsciiNames(true);
      for (TreeEntry entry : entries) {
        write(tree, entry, tar);
      }
    }
    return new Written(
        entries.size(), Files.size(target), HexFormat.of().formatHex(digest.digest()));
  }

  /**
   * Lists all files of a folder, except {@code .git} and {@code node_modules}.
   *
   * @param skipped receives each path relative to the folder; those of folders end with a slash
   */
  public static FolderTree list(Path folder, Predicate<String> skipped) throws IOException {
    return FolderTree.of(folder, skipped.or(PackageWriter::isNodeModules));
  }

  private static boolean isNodeModules(String path) {
    return path.equals("node_modules/") || path.endsWith("/node_modules/");
  }

  private static void check(List<TreeEntry> entries) {
    AppPaths paths = new AppPaths(BOUNDS);
    long total = 0;
    for (TreeEntry entry : entries) {
      if (entry.type() != TreeEntryType.FILE && entry.type() != TreeEntryType.EXECUTABLE) {
        throw refused(entry, "it is a link or a special file; replace it with a regular file");
      }
      if (entry.path().indexOf('?') >= 0) {
        throw refused(entry, "its name contains a question mark, or is not valid UTF-8");
      }
      paths.refusal(entry.path()).ifPresent(why -> refuse(entry, why));
      if (entry.sizeBytes() > BOUNDS.fileBytes()) {
        throw refused(entry, "it is larger than " + (BOUNDS.fileBytes() >> 20) + " MiB");
      }
      total += entry.sizeBytes();
    }
    if (entries.size() > BOUNDS.files() || total > BOUNDS.totalBytes()) {
      throw new SandboxException(
          PACKAGE_UNSAFE,
          "The folder has %d files with %d MiB; an app has at most %d files with %d MiB. List what does not belong to the app in .gitignore."
              .formatted(entries.size(), total >> 20, BOUNDS.files(), BOUNDS.totalBytes() >> 20));
    }
  }

  private static void refuse(TreeEntry entry, String why) {
    throw refused(entry, why);
  }

  private static SandboxException refused(TreeEntry entry, String why) {
    return new SandboxException(
        PACKAGE_UNSAFE,
        "File \"" + Printable.of(entry.path()) + "\" of the app is refused: " + why + ".");
  }

  private static GzipParameters parameters() {
    GzipParameters parameters = new GzipParameters();
    parameters.setCompressionLevel(BEST_COMPRESSION);
    parameters.setOperatingSystem(NO_OPERATING_SYSTEM);
    return parameters;
  }

  private static void write(SourceTree tree, TreeEntry file, TarArchiveOutputStream tar)
      throws IOException {
    byte[] content = tree.read(file);
    if (content.length != file.sizeBytes()) {
      throw new IOException(file.path() + " changed while it was packed; pack it again");
    }
    TarArchiveEntry entry = new TarArchiveEntry(file.path());
    entry.setSize(content.length);
    entry.setMode(MODE);
    entry.setModTime(0);
    entry.setIds(0, 0);
    entry.setNames("", "");
    tar.putArchiveEntry(entry);
    tar.write(content);
    tar.closeArchiveEntry();
  }
}
