package io.dropserver.reconciler;

import io.dropserver.reconciler.converge.SandboxDeclarations;
import io.dropserver.sandbox.SandboxSpec;
import io.dropserver.sandbox.lifecycle.Sandboxes;
import io.dropserver.sandbox.log.LogBook;
import io.dropserver.sandbox.log.LogRing;
import io.dropserver.sandbox.log.LogRing.Line;
import io.dropserver.web.control.InstanceView.LogLine;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.function.Consumer;

/** The sandboxes of this machine and their logs, as the reconciler speaks of them. */
final class DeclaredSandboxes implements SandboxDeclarations {
  /** A silent log is looked at this often, to notice that nobody listens any more. */
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(1);

  private final Sandboxes sandboxes;
  private final LogBook logs;
  private final OptionalInt onlyUser;

  /**
   * @param onlyUser where this server cannot give each appspace a host user of its own: the one
   *     that all run as
   */
  DeclaredSandboxes(Sandboxes sandboxes, LogBook logs, OptionalInt onlyUser) {
    this.sandboxes = sandboxes;
    this.logs = logs;
    this.onlyUser = onlyUser;
  }

  @Override
  public void declare(SandboxSpec spec) {
    sandboxes.declare(spec.withUid(onlyUser.orElse(spec.uid())));
  }

  @Override
  public void withdraw(String appspace) {
    sandboxes.withdraw(appspace);
  }

  @Override
  public void logs(String appspace, boolean follow, Consumer<LogLine> line) {
    LogRing ring = logs.of(appspace);
    long last = pass(ring.lines(), 0, line);
    try {
      while (follow && !Thread.currentThread().isInterrupted()) {
        last = pass(ring.awaitAfter(last, LOOK_AGAIN), last, line);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static long pass(List<Line> lines, long last, Consumer<LogLine> line) {
    for (Line each : lines) {
      String stream = each.stream().name().toLowerCase(Locale.ROOT);
      line.accept(new LogLine(each.time(), stream, each.text()));
    }
    return lines.isEmpty() ? last : lines.getLast().number();
  }
}
