package io.dropserver.sandbox.isolation;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The files that the Deno binary is linked with. Each is bound by itself: a whole library folder
 * would show an app what the host has installed, and give it helpers for an exploit.
 */
final class LinkedLibraries {
  private static final List<String> FOLDERS =
      List.of(
          "/lib64",
          "/usr/lib64",
          "/lib/x86_64-linux-gnu",
          "/usr/lib/x86_64-linux-gnu",
          "/lib",
          "/lib/aarch64-linux-gnu",
          "/usr/lib/aarch64-linux-gnu");

  /**
   * As {@code readelf -d} shows them, and the loaders of the architectures that Deno exists for.
   */
  private static final List<String> NAMES =
      List.of(
          "libdl.so.2",
          "libgcc_s.so.1",
          "librt.so.1",
          "libpthread.so.0",
          "libm.so.6",
          "libc.so.6",
          "ld-linux-x86-64.so.2",
          "ld-linux-aarch64.so.1");

  private LinkedLibraries() {}

  /** Each at the path where the loader looks for it. */
  static List<Bind> binds() {
    return NAMES.stream().flatMap(LinkedLibraries::find).toList();
  }

  private static Stream<Bind> find(String name) {
    return FOLDERS.stream()
        .map(folder -> Path.of(folder, name))
        .filter(Files::isRegularFile)
        .limit(1)
        .map(file -> Bind.readOnly(file, file.toString()));
  }
}
