package io.dropserver.sandbox.app;

import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;

/** A server that is killed during an installation. */
final class DyingInstall {
  private DyingInstall() {}

  public static void main(String[] args) throws IOException {
    var store =
        new AppStore(
            Path.of(args[0]),
            new InstantPreparation(),
            AppSizeLimits.DEFAULT,
            InstantSource.system());
    store.install(
        "notes",
        "1.0.0",
        FolderFiles.of(Path.of(args[1])),
        step -> {
          if (step.name().equals(args[2])) {
            Runtime.getRuntime().halt(99);
          }
        });
  }
}
