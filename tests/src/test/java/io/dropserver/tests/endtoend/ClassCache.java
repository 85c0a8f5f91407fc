package io.dropserver.tests.endtoend;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The AOT cache of the tests. It contains loaded and linked classes, which save the program about a
 * quarter of the processor time of a start. The first test that starts the program creates it in a
 * few seconds. Thread-safe, also between processes.
 */
final class ClassCache {
  private static final Path FOLDER = Path.of("target", "class-cache").toAbsolutePath();
  private static @Nullable List<String> options;

  private ClassCache() {}

  /**
   * Returns the options that use the cache. Empty if the class path contains classes that are not
   * in jars, because the JVM cannot cache them.
   *
   * @param command starts the program, without its arguments
   * @param classpath of the command
   */
  static synchronized List<String> options(List<String> command, String classpath) {
    List<String> known = options;
    if (known == null) {
      try {
        known =
            find(command, classpath).map(file -> List.of("-XX:AOTCache=" + file)).orElse(List.of());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return List.of();
      }
      options = known;
    }
    return known;
  }

  private static Optional<Path> find(List<String> command, String classpath)
      throws IOException, InterruptedException {
    List<Path> jars = Stream.of(classpath.split(File.pathSeparator, -1)).map(Path::of).toList();
    if (!jars.stream().allMatch(Files::isRegularFile)) {
      return Optional.empty();
    }
    Files.createDirectories(FOLDER);
    Path cache = FOLDER.resolve("program.aot");
    try (FileChannel channel =
            FileChannel.open(
                FOLDER.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock _ = channel.lock()) {
      if (!isNewer(cache, jars)) {
        train(command, cache);
      }
    }
    return Optional.of(cache).filter(Files::exists);
  }

  private static boolean isNewer(Path cache, List<Path> jars) throws IOException {
    if (!Files.exists(cache)) {
      return false;
    }
    FileTime trained = Files.getLastModifiedTime(cache);
    for (Path jar : jars) {
      if (Files.getLastModifiedTime(jar).compareTo(trained) >= 0) {
        return false;
      }
    }
    return true;
  }

  private static void train(List<String> command, Path cache)
      throws IOException, InterruptedException {
    Path next = cache.resolveSibling("next.aot");
    List<String> training = new ArrayList<>(command);
    training.add(1, "-XX:AOTCacheOutput=" + next);
    training.add("train");
    int status =
        new ProcessBuilder(training)
            .redirectErrorStream(true)
            .redirectOutput(FOLDER.resolve("train.log").toFile())
            .start()
            .waitFor();
    if (status == 0 && Files.exists(next)) {
      Files.move(next, cache, StandardCopyOption.ATOMIC_MOVE);
    }
  }
}
