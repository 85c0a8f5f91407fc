package io.dropserver.sandbox.app;

import io.dropserver.sandbox.app.InstallProgress.Step;
import io.dropserver.schema.instance.AppRuntime;
import io.dropserver.schema.instance.DropappManifest;
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
  public Prepared prepare(
      InstallFolder install,
      DropappManifest dropappManifest,
      Optional<Path> earlier,
      String lockRemedy,
      InstallProgress installProgress)
      throws IOException {
    runs.incrementAndGet();
    installProgress.stepStarted(Step.DEPENDENCIES);
    Files.createDirectories(install.cache().resolve("gen"));
    Files.writeString(install.cache().resolve("gen/main.js"), "cached");
    installProgress.stepStarted(Step.CACHE);
    Files.writeString(install.denoConfig(), "{}");
    installProgress.stepStarted(Step.SELF_CHECK);
    return new Prepared(dropappManifest.runtime().orElse(AppRuntime.FETCH), Optional.empty());
  }
}
