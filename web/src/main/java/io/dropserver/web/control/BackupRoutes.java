package io.dropserver.web.control;

import io.dropserver.control.BackupControl;
import io.dropserver.control.BackupOrder;
import io.dropserver.control.BackupOutcome;
import io.dropserver.control.BackupStep;
import io.dropserver.control.BackupVerb;
import io.dropserver.control.ControlException;
import io.dropserver.control.Erasure;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The backup routes of the control API. Long operations respond with a stream of lines.
 * Thread-safe.
 */
record BackupRoutes(BackupControl backups) implements ControlHandler.Routes {
  @Override
  public @Nullable Object result(ControlCall call) {
    if (call.is("POST", "backups", "run")) {
      return new ControlHandler.Lines(
          true, line -> run(step -> backups.run(order(call), step), line));
    }
    if (call.is("POST", "backups", "erase")) {
      return new ControlHandler.Lines(
          true, line -> run(step -> backups.erase(erasure(call), step), line));
    }
    if (call.is("POST", "backups", "kit")) {
      return backups.recoveryKit();
    }
    return call.is("GET", "backups") ? backups.backups(call.optional("repository")) : null;
  }

  /**
   * Runs an operation and passes on its steps, then the outcome or an error. The operation is
   * cancelled when the client disconnects.
   */
  private static void run(
      Function<Consumer<BackupStep>, BackupOutcome> operation, Consumer<Object> line) {
    Object last;
    try {
      BackupOutcome outcome = operation.apply(step -> line.accept(Line.of(step)));
      last = new Line(Optional.empty(), Optional.of(outcome), Optional.empty());
    } catch (ControlException | IllegalArgumentException e) {
      String error = String.valueOf(e.getMessage());
      last =
          new ControlHandler.FailureLine(
              new Line(Optional.empty(), Optional.empty(), Optional.of(error)),
              ControlHandler.outcome(e));
    }
    line.accept(last);
  }

  private static BackupOrder order(ControlCall call) {
    return new BackupOrder(
        verb(call.required("verb")),
        call.optional("appspace"),
        call.optional("snapshot"),
        call.optional("path"),
        Optional.ofNullable(call.query().getValues("only")).orElse(List.of()),
        call.optional("repository"));
  }

  private static BackupVerb verb(String text) {
    return Stream.of(BackupVerb.values())
        .filter(verb -> verb.name().equals(text.toUpperCase(Locale.ROOT)))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "there is no verb \"%s\"; use one of those in docs/reference/control-api.md"
                        .formatted(text)));
  }

  private static Erasure erasure(ControlCall call) {
    Erasure erasure =
        new Erasure(call.optional("appspace"), call.optional("owner"), call.optional("data"));
    if (erasure.isEmpty()) {
      throw new ControlException("name an appspace, a user or the id of data to erase");
    }
    return erasure;
  }

  /** A line of the stream: a step, or as the last line an outcome or an error. */
  record Line(Optional<BackupStep> step, Optional<BackupOutcome> outcome, Optional<String> error) {
    static final Line NONE = new Line(Optional.empty(), Optional.empty(), Optional.empty());

    static Line of(BackupStep step) {
      return new Line(Optional.of(step), Optional.empty(), Optional.empty());
    }
  }
}
