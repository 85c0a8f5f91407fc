package io.dropserver.tests.release;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs programs of the test machine to their end. */
final class Programs {
  private static final long TIMEOUT_MINUTES = 60;

  private Programs() {}

  /**
   * @param output standard output and standard error
   */
  record Run(int exitCode, String output) {
    /** Returns the last line of the output without surrounding space. */
    String lastLine() {
      return output.strip().lines().reduce("", (earlier, line) -> line);
    }
  }

  /** Runs a program that must succeed. */
  static Run run(Path folder, List<String> command) throws IOException, InterruptedException {
    Run run = attempt(folder, command);
    if (run.exitCode() != 0) {
      throw new IOException(
          String.join(" ", command) + " ended with " + run.exitCode() + ": " + run.output());
    }
    return run;
  }

  static Run run(Path folder, String... command) throws IOException, InterruptedException {
    return run(folder, List.of(command));
  }

  static Run attempt(Path folder, List<String> command) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!process.waitFor(TIMEOUT_MINUTES, TimeUnit.MINUTES)) {
      process.destroyForcibly();
      throw new IOException(String.join(" ", command) + " did not end");
    }
    return new Run(process.exitValue(), output);
  }
}
