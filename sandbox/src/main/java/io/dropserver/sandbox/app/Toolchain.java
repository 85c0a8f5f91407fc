package io.dropserver.sandbox.app;

import io.dropserver.base.text.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/** Identifies the versions of Deno and the in-sandbox runtime that built a cache. */
final class Toolchain {
  /**
   * The version of the caches. Increment it when this package builds different caches from the same
   * Deno and runtime.
   */
  private static final String BUILD = "1";

  private Toolchain() {}

  static String of(String denoVersion, Path runtimeFolder) throws IOException {
    MessageDigest digest = Sha256.newDigest();
    digest.update((BUILD + "\n" + denoVersion + "\n").getBytes(StandardCharsets.UTF_8));
    for (Path file : modules(runtimeFolder)) {
      digest.update(file.getFileName().toString().getBytes(StandardCharsets.UTF_8));
      digest.update(Files.readAllBytes(file));
    }
    return "deno-" + denoVersion + "-" + HexFormat.of().formatHex(digest.digest(), 0, 6);
  }

  private static List<Path> modules(Path folder) throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.filter(path -> path.getFileName().toString().endsWith(".ts")).sorted().toList();
    }
  }
}
