package io.dropserver.sandbox.deno;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Detects whether an app may use Node's modules, by searching the installed files. Loading those
 * modules adds tens of milliseconds to each start with Deno 2.9.6, so apps that do not use them
 * start without them. An app that hides its use only misses the preload, which is not a security
 * boundary.
 */
public final class NodeModuleDetector {
  private static final long LARGEST = 4L << 20;

  /** The global object {@code process} needs the preload for its umask only. */
  private static final List<String> MARKS = List.of("node:", "npm:", "require(", "process.umask");

  private NodeModuleDetector() {}

  /**
   * @param files of the app
   * @param denoDir the installed packages of the app
   */
  public static boolean isUsedBy(Path files, Path denoDir) {
    return containsPackages(denoDir.resolve("npm"))
        || mentions(files)
        || mentions(denoDir.resolve("remote"));
  }

  /**
   * Returns whether the folder contains a package. Deno creates the folder even if no package is
   * installed.
   */
  private static boolean containsPackages(Path npm) {
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
          .anyMatch(NodeModuleDetector::mentionsNode);
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
      return MARKS.stream().anyMatch(text::contains);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
