package io.dropserver.tests.endtoend;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code dropserver run} in a separate process, from this build's class path. */
public final class ServerProcess implements AutoCloseable {
  /** The line is JSON, like the log. */
  private static final Pattern SERVING = Pattern.compile("\"message\" *: *\"serving ([^\"]+)\"");

  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(30);

  private final Process process;
  private final Path log;
  private final String shellUrl;

  private ServerProcess(Process process, Path log, String shellUrl) {
    this.process = process;
    this.log = log;
    this.shellUrl = shellUrl;
  }

  /**
   * Starts the server and waits until it reports that it serves.
   *
   * @param arguments for {@code dropserver run}
   * @param log receives its output; appended to
   */
  static ServerProcess start(Path log, List<String> arguments) throws IOException {
    return start(log, List.of(), arguments, List.of());
  }

  /**
   * Starts the server through another command and with additional JVM options.
   *
   * @param prefix a command that runs the rest of its arguments
   * @param javaOptions additional options
   */
  static ServerProcess start(
      Path log, List<String> prefix, List<String> arguments, List<String> javaOptions)
      throws IOException {
    // The tests may run with SIGHUP ignored (as by nohup), which child processes inherit.
    List<String> command = new ArrayList<>(prefix);
    command.addAll(List.of("env", "--default-signal=HUP"));
    command.addAll(CommandLineProgram.java());
    command.addAll(command.indexOf("-cp"), javaOptions);
    command.add("run");
    command.addAll(arguments);
    Process process =
        new ProcessBuilder(command)
            .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
    BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
    String line;
    while ((line = output.readLine()) != null) {
      Matcher serving = SERVING.matcher(line);
      if (serving.find()) {
        Thread.ofVirtual().start(() -> output.lines().forEach(ignored -> {}));
        return new ServerProcess(process, log, serving.group(1));
      }
    }
    throw new IOException("the server ended before it served:\n" + Files.readString(log));
  }

  String shellUrl() {
    return shellUrl;
  }

  long pid() {
    return process.pid();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  String log() throws IOException {
    return Files.readString(log);
  }

  /** Sends SIGKILL. Like in a power failure, nothing is shut down. */
  void kill() {
    process.destroyForcibly().onExit().join();
  }

  /** Sends SIGTERM and waits until the server has drained. */
  void stop() {
    process.destroy();
    try {
      process.onExit().orTimeout(STOP_TIMEOUT.toSeconds(), TimeUnit.SECONDS).join();
    } catch (CompletionException e) {
      process.destroyForcibly();
      throw new IllegalStateException("the server did not end within " + STOP_TIMEOUT, e);
    }
  }

  @Override
  public void close() {
    if (process.isAlive()) {
      stop();
    }
  }
}
