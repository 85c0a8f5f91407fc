package io.dropserver.sandbox.app;

import io.dropserver.base.linux.Signals;
import io.dropserver.base.process.CapturedOutput;
import io.dropserver.sandbox.deno.SandboxPaths;
import io.dropserver.sandbox.isolation.Bind;
import io.dropserver.sandbox.isolation.Cgroup;
import io.dropserver.sandbox.isolation.Confinement;
import io.dropserver.sandbox.isolation.OverlayFolder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Runs Deno for an installation, with the same isolation as a running appspace, as a dedicated
 * user. Thread-safe.
 */
final class InstallSandbox {
  private static final long TEMPORARY_BYTES = 16L << 20;

  private static final long WATCH_MS = 250;
  static final int OUTPUT_BYTES = 32 << 10;

  private final InstallSettings settings;
  private final InstallRunLimits limits;

  /**
   * Limits concurrent installations, so that a repository with many new apps does not take the CPU
   * from running apps.
   */
  private final Semaphore slots = new Semaphore(2, true);

  InstallSandbox(InstallSettings settings, InstallRunLimits limits) {
    this.settings = settings;
    this.limits = limits;
  }

  /**
   * @param arguments for Deno
   * @param binds mounts in addition to Deno and its libraries
   * @param outputBytes the size of the kept end of the output
   */
  record Run(
      List<String> arguments,
      SortedMap<String, String> environment,
      List<Bind> binds,
      String workingFolder,
      Duration deadline,
      int outputBytes) {}

  /**
   * @param status the exit status; over 128 for a signal
   * @param exceeded the limit for which the run was killed, or empty
   * @param output the end of both streams; not yet safe to print
   */
  record Result(int status, Optional<Limit> exceeded, String output) {
    boolean succeeded() {
      return status == 0 && exceeded.isEmpty();
    }

    private Result outOfMemory() {
      return new Result(status, Optional.of(Limit.MEMORY), output);
    }
  }

  /** A limit of a run. */
  enum Limit {
    TIME("it did not end in time"),
    BYTES("it wrote too much data"),
    FILES("it wrote too many files"),
    MEMORY("it used too much memory");

    private final String text;

    Limit(String text) {
      this.text = text;
    }

    /** Returns a clause for a message. */
    String text() {
      return text;
    }
  }

  InstallRunLimits limits() {
    return limits;
  }

  /** Returns the host user of all runs. It must own the folders that a run writes. */
  int uid() {
    return settings.uid();
  }

  /**
   * Runs Deno and blocks until no process of the run is left.
   *
   * @throws io.dropserver.sandbox.SandboxException when the isolation is not available
   */
  Result run(Run run) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(SandboxPaths.DENO);
    command.addAll(run.arguments());
    List<Bind> binds = new ArrayList<>(run.binds());
    binds.add(Bind.shared(settings.deno(), SandboxPaths.DENO));
    acquire(slots);
    try {
      return run(command, binds, run);
    } finally {
      slots.release();
    }
  }

  private Result run(List<String> command, List<Bind> binds, Run run) throws IOException {
    Optional<Cgroup> cgroup = settings.cgroups().get();
    try (OverlayFolder overlays = settings.launcher().overlayFolder()) {
      Confinement confinement =
          new Confinement(
              settings.uid(),
              command,
              run.environment(),
              binds,
              TEMPORARY_BYTES,
              run.workingFolder(),
              cgroup,
              Optional.of(overlays.path()),
              Optional.empty());
      Result result = await(settings.launcher().start(confinement), run);
      boolean outOfMemory = cgroup.filter(group -> group.outOfMemoryKills() > 0).isPresent();
      return outOfMemory && !result.succeeded() ? result.outOfMemory() : result;
    } finally {
      cgroup.ifPresent(Cgroup::close);
    }
  }

  /** Blocks until the semaphore has a permit. */
  static void acquire(Semaphore slots) throws IOException {
    try {
      slots.acquire();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("the installation was cancelled", e);
    }
  }

  private Result await(Process process, Run run) throws IOException {
    var end = CapturedOutput.last(run.outputBytes());
    Thread out = reader(process.getInputStream(), end);
    Thread err = reader(process.getErrorStream(), end);
    List<Path> written = run.binds().stream().filter(Bind::isWritable).map(Bind::source).toList();
    try {
      long deadline = System.nanoTime() + run.deadline().toNanos();
      Optional<Limit> cut = Optional.empty();
      // bubblewrap is the parent of all processes. When it ends, so does the pid namespace.
      while (cut.isEmpty() && !process.waitFor(WATCH_MS, TimeUnit.MILLISECONDS)) {
        cut = exceededLimit(written, deadline);
      }
      if (cut.isPresent()) {
        // Not Process.destroyForcibly(), which closes the output streams and discards unread
        // output.
        var _ = Signals.killTree(process.toHandle());
      }
      int status = process.waitFor();
      out.join();
      err.join();
      return new Result(status, cut, end.text());
    } catch (InterruptedException e) {
      var _ = Signals.killTree(process.toHandle());
      Thread.currentThread().interrupt();
      throw new IOException("the installation was cancelled", e);
    }
  }

  private Optional<Limit> exceededLimit(List<Path> written, long deadline) {
    if (System.nanoTime() - deadline > 0) {
      return Optional.of(Limit.TIME);
    }
    FileTree.Extent extent = FileTree.extent(written, limits.files());
    if (extent.files() > limits.files()) {
      return Optional.of(Limit.FILES);
    }
    return extent.bytes() > limits.bytes() ? Optional.of(Limit.BYTES) : Optional.empty();
  }

  private static Thread reader(InputStream stream, CapturedOutput end) {
    return Thread.ofVirtual()
        .name("install-output")
        .start(
            () -> {
              try (stream) {
                var _ = end.read(stream);
              } catch (IOException killed) {
                // Keep the output that has arrived.
              }
            });
  }
}
