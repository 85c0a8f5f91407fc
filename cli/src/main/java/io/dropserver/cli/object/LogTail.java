package io.dropserver.cli.object;

import io.dropserver.control.LogLine;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Predicate;

/**
 * The last lines of a log, and which lines of a later, longer reading of the same log are new. The
 * server bounds the stored lines. Not thread-safe.
 */
final class LogTail {
  private final int most;
  private final Predicate<LogLine> wanted;
  private final Deque<LogLine> lines = new ArrayDeque<>();
  private Instant lastTime = Instant.MIN;

  /** Number of the lines with {@link #lastTime} that the later reading repeats. */
  private int repeated;

  private boolean passed;

  LogTail(int most, Predicate<LogLine> wanted) {
    this.most = most;
    this.wanted = wanted;
  }

  void add(LogLine line) {
    repeated = line.time().equals(lastTime) ? repeated + 1 : 1;
    lastTime = line.time();
    if (wanted.test(line)) {
      lines.addLast(line);
      if (lines.size() > most) {
        lines.removeFirst();
      }
    }
  }

  List<LogLine> lines() {
    return List.copyOf(lines);
  }

  /** Returns whether the next line of the later reading was not part of the earlier one. */
  boolean isNew(LogLine line) {
    if (!passed && (repeated == 0 || line.time().isAfter(lastTime))) {
      passed = true;
    }
    if (passed) {
      return true;
    }
    if (line.time().equals(lastTime)) {
      repeated--;
    }
    return false;
  }
}
