package io.dropserver.sandbox.local;

import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.SandboxSpec;
import io.dropserver.sandbox.deno.FailureAdvice;
import io.dropserver.sandbox.log.LogRing;
import io.dropserver.state.condition.Reason;
import io.dropserver.state.condition.SandboxReason;
import java.util.List;

/**
 * A start that failed, after its resources were removed.
 *
 * @param before the exception contains the lines that were logged after this many
 * @param outOfMemory whether the kernel killed a process of the sandbox for lack of memory
 */
record FailedStart(SandboxSpec spec, LogRing log, long before, boolean outOfMemory) {
  /** Returns the exception with the last output of the app. */
  SandboxException exception(SandboxException cause) {
    Reason reason = outOfMemory ? SandboxReason.OUT_OF_MEMORY : cause.reason();
    String why = outOfMemory ? "its memory limit is too small" : cause.getMessage();
    String words = lastOutput();
    String output = words.isEmpty() ? "" : "; its output: " + words;
    String advice = FailureAdvice.of(words, spec.app().manifest(), spec.app().files());
    return new SandboxException(
        reason, "appspace " + spec.appspace() + ": " + why + output + advice, cause);
  }

  private String lastOutput() {
    List<LogRing.Line> lines = log.lines().stream().filter(line -> line.number() > before).toList();
    return lines.stream()
        .skip(Math.max(0, lines.size() - 5))
        .map(LogRing.Line::text)
        .reduce((first, second) -> first + " | " + second)
        .map(text -> text.length() > 500 ? text.substring(0, 500) : text)
        .orElse("");
  }
}
