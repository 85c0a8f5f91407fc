package io.dropserver.sandbox.app;

import io.dropserver.base.text.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/**
 * The regular files of a local folder, for development and tests. Skips links.
 *
 * @param contentId a hash of the paths and bytes at the time of {@link #of}
 */
public record FolderFiles(Path folder, String contentId) implements AppFiles {

  /** Reads every file once to compute the content id. */
  public static FolderFiles of(Path folder) throws IOException {
    MessageDigest digest = Sha256.newDigest();
    for (Path file : files(folder)) {
      byte[] content = Files.readAllBytes(file);
      String line = content.length + " " + folder.relativize(file) + "\n";
      digest.update(line.getBytes(StandardCharsets.UTF_8));
      digest.update(content);
    }
    return new FolderFiles(folder, "folder-" + HexFormat.of().formatHex(digest.digest()));
  }

  @Override
  public void copyTo(Sink sink) throws IOException {
    for (Path file : files(folder)) {
      try (InputStream content = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
        sink.file(folder.relativize(file).toString(), content);
      }
    }
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(path -> Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS))
          .sorted()
          .toList();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }
}
