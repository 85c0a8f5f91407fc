package io.dropserver.sandbox.deno;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * Whether an app may use Node's modules, by looking into what was installed. Loading those costs
 * tens of milliseconds of each start (seen on Deno 2.9.6), so that an app without them is started
 * without. One that hides its use from this gets by without the preload, which is no wall.
 */
public final class NodeUse {
  private static final long LARGEST = 4L << 20;

  private NodeUse() {}

  /**
   * @param files of the app
   * @param denoDir with what was installed for it
   */
  public static boolean of(Path files, Path denoDir) {
    return holdsPackages(denoDir.resolve("npm"))
        || mentions(files)
        || mentions(denoDir.resolve("remote"));
  }

  /** Deno makes the folder also where it has nothing to put into it. */
  private static boolean holdsPackages(Path npm) {
    if (!Files.isDirectory(npm, LinkOption.NOFOLLOW_LINKS)) {
      return false;
    }
    try (Stream<Path> registries = Files.list(npm)) {
      return registries.findAny().isPresent();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean mentions(Path folder) {
    if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
      return false;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS))
          .anyMatch(NodeUse::mentionsNode);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean mentionsNode(Path file) {
    try {
      if (Files.size(file) > LARGEST) {
        return true;
      }
      String text = Files.readString(file, StandardCharsets.ISO_8859_1);
      return text.contains("node:") || text.contains("npm:") || text.contains("require(");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
