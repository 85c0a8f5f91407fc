package io.dropserver.sandbox.app;

import java.nio.file.Path;

/** The files and folders of one installation, finished or in progress. */
record InstallFolder(Path root) {

  /** Returns the app's own files, {@code /app} in the sandbox. */
  Path files() {
    return root.resolve("files");
  }

  /** {@code DENO_DIR}, {@code /dropserver/cache} in the sandbox. */
  Path cache() {
    return root.resolve("cache");
  }

  /** {@code /dropserver/deno.json} in the sandbox. */
  Path denoConfig() {
    return root.resolve("deno.json");
  }

  /** Written last: its presence means that the installation is complete. */
  Path descriptor() {
    return root.resolve("installed.json");
  }
}
