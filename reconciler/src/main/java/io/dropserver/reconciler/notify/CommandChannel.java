package io.dropserver.reconciler.notify;

import io.dropserver.schema.host.HostConfig.CommandReceiver;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Runs a program of the operator without a shell. The title is in {@code DROPSERVER_TITLE}, the
 * text on standard input. Output is discarded.
 */
final class CommandChannel implements NotificationChannel {
  private static final Duration TIMEOUT = Duration.ofSeconds(30);
  private final List<String> command;

  CommandChannel(CommandReceiver receiver) {
    this.command = receiver.command();
  }

  /** The program without its arguments, which may be secret. */
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
        // The program does not read its input. Its exit code tells whether that is a failure.
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
