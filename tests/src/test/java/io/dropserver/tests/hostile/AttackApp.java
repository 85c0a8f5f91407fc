package io.dropserver.tests.hostile;

import io.dropserver.sandbox.InstalledApp;
import io.dropserver.sandbox.deno.DenoBinary;
import io.dropserver.schema.instance.AppRuntime;
import io.dropserver.schema.instance.DropappManifest;
import io.dropserver.schema.instance.DropappManifest.DataSchema;
import io.dropserver.schema.instance.DropappManifest.LaunchOptions;
import io.dropserver.schema.instance.DropappManifest.WorkingFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The app of the suite. It is installed by hand, so that it contains every attack regardless of an
 * installer's checks.
 */
final class AttackApp {
  /**
   * Options of Deno that would remove its permissions. They must reach the app as its arguments, so
   * the whole suite runs with them.
   */
  private static final List<String> ARGUMENTS =
      List.of(
          "--allow-all",
          "-A",
          "--unstable-ffi",
          "--no-sandbox",
          "--config=/data/deno.json",
          "--preload",
          "/data/preload.ts",
          "--",
          "--allow-all");

  private AttackApp() {}

  static InstalledApp install(Path folder, DenoBinary deno)
      throws IOException, InterruptedException {
    Path files = folder.resolve("app");
    Path cache = Files.createDirectories(folder.resolve("cache"));
    Path config = folder.resolve("deno.json");
    copy(AttackFile.folder(), files);
    Files.writeString(config, "{}");
    Process cached =
        new ProcessBuilder(
                deno.path().toString(), "cache", "--no-config", files.resolve("main.ts").toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("cache.log").toFile())
            .start();
    if (!cached.waitFor(60, TimeUnit.SECONDS) || cached.exitValue() != 0) {
      throw new IOException(
          "the suite's app is broken: " + Files.readString(folder.resolve("cache.log")));
    }
    DropappManifest dropappManifest =
        new DropappManifest(
            "Attacks",
            "",
            "1.0.0",
            "main.ts",
            Optional.of(AppRuntime.FETCH),
            Optional.empty(),
            List.of(),
            List.of(),
            Optional.empty(),
            DataSchema.UNNAMED,
            new LaunchOptions(ARGUMENTS, new TreeMap<>(), WorkingFolder.DATA, new TreeMap<>()));
    return new InstalledApp(
        "attacks",
        "1.0.0",
        "suite",
        files,
        cache,
        config,
        dropappManifest,
        AppRuntime.FETCH,
        Optional.empty());
  }

  private static void copy(Path from, Path to) throws IOException {
    List<Path> all;
    try (Stream<Path> files = Files.walk(from)) {
      all = files.toList();
    }
    for (Path file : all) {
      Path target = to.resolve(from.relativize(file).toString());
      if (Files.isDirectory(file)) {
        Files.createDirectories(target);
      } else {
        Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }
}
