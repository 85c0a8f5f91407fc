package io.dropserver.sandbox.app;

import java.nio.file.Path;

/** The files and folders of one installation, finished or in progress. */
record InstallFolder(Path root) {

  /** Returns the app's own files, {@code /app} in the sandbox. */
  Path files() {
    return root.resolve("files");
  }

  /** Returns {@code DENO_DIR}, which is {@code /dropserver/cache} in the sandbox. */
  Path cache() {
    return root.resolve("cache");
  }

  /** Returns the file that is {@code /dropserver/deno.json} in the sandbox. */
  Path denoConfig() {
    return root.resolve("deno.json");
  }

  /**
   * Returns the descriptor. It is written last, so its presence means that the installation is
   * complete.
   */
  Path descriptor() {
    return root.resolve("installed.json");
  }
}
