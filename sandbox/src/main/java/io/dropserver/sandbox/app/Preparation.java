package io.dropserver.sandbox.app;

import io.dropserver.sandbox.SandboxException;
import io.dropserver.schema.instance.AppRuntime;
import io.dropserver.schema.instance.DropappManifest;
import io.dropserver.state.condition.AppReason;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** Makes unpacked files ready for a fast start: dependencies, caches, a first start. */
interface Preparation {

  /**
   * Identifies the versions of Deno and the in-sandbox runtime that built the caches. Safe as a
   * file name. If the toolchain changes, the caches are built again.
   */
  String toolchain();

  /**
   * Fills the cache and the configuration of an installation whose files are complete.
   *
   * @param earlier a cache that another toolchain filled for the same files; its packages need not
   *     be fetched again
   * @param lockRemedy see {@link AppFiles#lockRemedy()}
   * @throws SandboxException with a reason of {@link AppReason}
   */
  Prepared prepare(
      InstallFolder install,
      DropappManifest dropappManifest,
      Optional<Path> earlier,
      String lockRemedy,
      InstallProgress installProgress)
      throws IOException;

  /**
   * How the app is run.
   *
   * @param packageProgram the program of a package that the entrypoint names, as an absolute path
   *     in the sandbox
   */
  record Prepared(AppRuntime runtime, Optional<String> packageProgram) {}
}
