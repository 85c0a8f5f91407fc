package io.dropserver.reconciler.notify;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

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
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectOutput(Redirect.DISCARD)
            .redirectError(Redirect.DISCARD);
    builder.environment().put("DROPSERVER_TITLE", notification.title());
    Process process = builder.start();
    try {
      try (OutputStream input = process.getOutputStream()) {
        input.write((notification.text() + "\n").getBytes(StandardCharsets.UTF_8));
      } catch (IOException e) {
        // The program did not read its input. Its exit code decides whether delivery failed.
      }
      if (!process.waitFor(TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
        throw new IOException("it did not end within " + TIMEOUT.toSeconds() + " s");
      }
      if (process.exitValue() != 0) {
        throw new IOException("it ended with " + process.exitValue());
      }
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }
}
