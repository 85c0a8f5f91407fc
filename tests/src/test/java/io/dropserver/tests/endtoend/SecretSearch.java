package io.dropserver.tests.endtoend;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;

/** Searches the places of this machine where a secret could be found. */
final class SecretSearch {
  private SecretSearch() {}

  /** Returns the command lines and environments of every process of this machine. */
  static List<String> ofProcesses() throws IOException {
    List<String> all = new ArrayList<>();
    try (Stream<ProcessHandle> processes = ProcessHandle.allProcesses()) {
      for (ProcessHandle process : processes.toList()) {
        for (String file : List.of("cmdline", "environ")) {
          try {
            all.add(
                Files.readString(Path.of("/proc", Long.toString(process.pid()), file), ISO_8859_1));
          } catch (IOException ended) {
            // The process has ended, or belongs to another user.
          }
        }
      }
    }
    return all;
  }

  /** Returns the files that contain a secret, forwards, backwards or in Base64. */
  static List<Path> filesWithSecret(Path root, String secret) throws IOException {
    return files(
        root,
        secret,
        new StringBuilder(secret).reverse().toString(),
        Base64.getEncoder().withoutPadding().encodeToString(secret.getBytes(UTF_8)));
  }

  /** Returns the files that contain a text. Skips sockets and files that are deleted meanwhile. */
  static List<Path> files(Path root, String... texts) throws IOException {
    List<Path> found = new ArrayList<>();
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            // Skip large files: an image of a volume has the same files again, and apps and Deno
            // have no state.
            boolean worth = attributes.isRegularFile() && attributes.size() < (64 << 20);
            if (worth) {
              String content = Files.readString(file, ISO_8859_1);
              if (Stream.of(texts).anyMatch(content::contains)) {
                found.add(file);
              }
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException gone) {
            return FileVisitResult.CONTINUE;
          }
        });
    return found;
  }
}
