package io.dropserver.sandbox.app;

import io.dropserver.sandbox.app.Progress.Step;
import io.dropserver.schema.instance.AppRuntime;
import io.dropserver.schema.instance.Manifest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** A preparation without Deno, for tests of the store alone. */
record InstantPreparation(String toolchain, AtomicInteger runs) implements Preparation {

  InstantPreparation() {
    this("deno-1", new AtomicInteger());
  }

  @Override
  public AppRuntime prepare(
      InstallFolder install, Manifest manifest, Optional<Path> earlier, Progress progress)
      throws IOException {
    runs.incrementAndGet();
    progress.begins(Step.DEPENDENCIES);
    Files.createDirectories(install.cache().resolve("gen"));
    Files.writeString(install.cache().resolve("gen/main.js"), "cached");
    progress.begins(Step.CACHE);
    Files.writeString(install.denoConfig(), "{}");
    progress.begins(Step.SELF_CHECK);
    return manifest.runtime().orElse(AppRuntime.FETCH);
  }
}
