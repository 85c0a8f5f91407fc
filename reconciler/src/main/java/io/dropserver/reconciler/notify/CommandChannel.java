package io.dropserver.reconciler.notify;

import io.dropserver.base.process.Program;
import io.dropserver.base.process.ProgramEnd;
import io.dropserver.base.process.ProgramEnd.Cause;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Runs an operator's program without a shell. The program receives the title in {@code
 * DROPSERVER_TITLE} and the text on standard input. Its output is discarded. Thread-safe.
 */
record CommandChannel(List<String> command) implements NotificationChannel {
  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  /** Returns the program without its arguments, because those may be secret. */
  @Override
  public String name() {
    return command.getFirst();
  }

  @Override
  public void send(Notification notification) throws IOException, InterruptedException {
    try {
      ProgramEnd end =
          Program.of(command)
              .inheritEnvironment()
              .environment(Map.of("DROPSERVER_TITLE", notification.title()))
              .input((notification.text() + "\n").getBytes(StandardCharsets.UTF_8))
              .mergeErrors()
              .outputTo(Path.of("/dev/null"))
              .timeout(TIMEOUT)
              .run();
      if (end.cause() == Cause.TIMED_OUT) {
        throw new IOException("it did not end within " + TIMEOUT.toSeconds() + " s");
      }
      if (end.status() != 0) {
        throw new IOException("it ended with " + end.status());
      }
    } catch (InterruptedIOException e) {
      throw new InterruptedException();
    }
  }
}
