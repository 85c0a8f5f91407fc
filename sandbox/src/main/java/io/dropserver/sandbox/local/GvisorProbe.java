package io.dropserver.sandbox.local;

import io.dropserver.base.process.Program;
import io.dropserver.base.process.ProgramEnd;
import io.dropserver.base.process.ProgramEnd.Cause;
import io.dropserver.base.text.ShortText;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.deno.SandboxPaths;
import io.dropserver.sandbox.isolation.Bind;
import io.dropserver.sandbox.isolation.Confinement;
import io.dropserver.sandbox.isolation.Launcher;
import io.dropserver.state.condition.SandboxReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Asks runsc for its release, because older ones run a simple container but no appspace, and starts
 * a container in the same way as an appspace's. A success is remembered, a failure for a minute.
 * Thread-safe.
 */
final class GvisorProbe {
  /** The oldest release with which all tests pass; that of Debian 13. */
  static final String VERSION = "20240729";

  private static final Duration TIMEOUT = Duration.ofSeconds(45);
  private static final long REMEMBERED_NANOS = Duration.ofMinutes(1).toNanos();
  private static final int NOBODY = 65_534;
  private static final int MAX_SHOWN = 4_000;

  /** The date in {@code runsc version 0.0~20240729.0} and in {@code release-20240729.0}. */
  private static final Pattern RELEASE = Pattern.compile("\\b(20[0-9]{6})\\b");

  private final LocalHostSettings settings;
  private final Launcher launcher;

  // guarded by this, as are all fields below
  private boolean works;
  private Optional<String> failure = Optional.empty();
  private long failedAt;

  GvisorProbe(LocalHostSettings settings, Launcher launcher) {
    this.settings = settings;
    this.launcher = launcher;
  }

  /**
   * @throws SandboxException reason {@code IsolationUnavailable} when no container can be started
   */
  void require() {
    Path runsc = settings.programs().requireGvisor();
    failure(runsc)
        .ifPresent(
            why -> {
              throw new SandboxException(
                  SandboxReason.ISOLATION_UNAVAILABLE,
                  "gVisor (runsc) cannot start a container as the server does: %s; install release %s or newer, as in Debian 13"
                      .formatted(why, VERSION));
            });
  }

  private synchronized Optional<String> failure(Path runsc) {
    boolean fresh = failure.isPresent() && System.nanoTime() - failedAt < REMEMBERED_NANOS;
    if (!works && !fresh) {
      failure = tooOld(runsc).or(this::attempt);
      works = failure.isEmpty();
      failedAt = System.nanoTime();
    }
    return failure;
  }

  /** Returns why the release is too old; empty also if runsc does not name its release. */
  private static Optional<String> tooOld(Path runsc) {
    try {
      Matcher release =
          RELEASE.matcher(
              Program.of(runsc.toString(), "--version")
                  .mergeErrors()
                  .timeout(TIMEOUT)
                  .run()
                  .output());
      return release.find() && release.group(1).compareTo(VERSION) < 0
          ? Optional.of("it is release " + release.group(1))
          : Optional.empty();
    } catch (IOException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  private Optional<String> attempt() {
    Path folder = settings.runFolder().toAbsolutePath().resolve("gvisor-probe");
    try {
      SandboxFolders.delete(folder);
      SandboxFolders.create(folder, "rwx--x--x");
      Path bundle = folder.resolve("bundle");
      SandboxFolders.createFor(bundle, uid());
      return run(launcher.start(confinement(bundle)));
    } catch (SandboxException | IOException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    } finally {
      SandboxFolders.delete(folder);
    }
  }

  private static Optional<String> run(Process process) throws IOException {
    ProgramEnd end = Program.await(process, TIMEOUT);
    return end.succeeded() && end.output().startsWith("deno ")
        ? Optional.empty()
        : Optional.of(
            end.cause() == Cause.TIMED_OUT
                ? "a test container did not end within " + TIMEOUT.toSeconds() + " s"
                : "a test container ended with status "
                    + end.status()
                    + ": "
                    + ShortText.of(end.errors().strip(), MAX_SHOWN));
  }

  private int uid() throws IOException {
    return launcher.separatesUids()
        ? NOBODY
        : (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
  }

  private Confinement confinement(Path bundle) throws IOException {
    return new Confinement(
        uid(),
        List.of(SandboxPaths.DENO, "--version"),
        new TreeMap<>(),
        List.of(Bind.shared(settings.deno().path(), SandboxPaths.DENO)),
        1 << 20,
        "/tmp",
        Optional.empty(),
        Optional.empty(),
        Optional.of(bundle));
  }
}
