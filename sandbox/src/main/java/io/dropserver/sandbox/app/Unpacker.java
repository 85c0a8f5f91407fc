package io.dropserver.sandbox.app;

import static io.dropserver.state.condition.AppReason.PACKAGE_UNSAFE;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.WRITE;

import io.dropserver.sandbox.SandboxException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/**
 * Writes the files of an app version into a new folder that no other process can reach. Not
 * thread-safe.
 */
final class Unpacker implements AppFiles.Sink {
  private final Path folder;
  private final AppSizeLimits bounds;
  private final AppPaths paths;
  private final byte[] buffer = new byte[64 << 10];
  private int files;
  private long total;

  /**
   * @param folder an existing, empty folder to which only this process can write, so that no other
   *     process can replace a name in it with a link
   */
  Unpacker(Path folder, AppSizeLimits bounds) {
    this.folder = folder;
    this.bounds = bounds;
    this.paths = new AppPaths(bounds);
  }

  @Override
  public void file(String path, InputStream content) throws IOException {
    paths.refusal(path).ifPresent(why -> refuse(path, why));
    if (++files > bounds.files()) {
      throw new SandboxException(
          PACKAGE_UNSAFE, "The app contains more than " + bounds.files() + " files.");
    }
    Path target = folder.resolve(path).normalize();
    if (!target.startsWith(folder)) {
      refuse(path, "it points outside the app's folder");
    }
    Files.createDirectories(target.getParent());
    try (OutputStream out =
        Files.newOutputStream(target, WRITE, CREATE_NEW, LinkOption.NOFOLLOW_LINKS)) {
      copy(path, content, out);
    }
  }

  private void copy(String path, InputStream content, OutputStream out) throws IOException {
    long size = 0;
    for (int read = content.read(buffer); read >= 0; read = content.read(buffer)) {
      size += read;
      total += read;
      if (size > bounds.fileBytes()) {
        refuse(path, "it is larger than " + (bounds.fileBytes() >> 20) + " MiB");
      }
      if (total > bounds.totalBytes()) {
        throw new SandboxException(
            PACKAGE_UNSAFE,
            "The app's files are larger than " + (bounds.totalBytes() >> 20) + " MiB together.");
      }
      out.write(buffer, 0, read);
    }
  }

  private static void refuse(String path, String why) {
    throw new SandboxException(
        PACKAGE_UNSAFE, "File \"" + Printable.of(path) + "\" of the app is refused: " + why + ".");
  }
}
