package io.dropserver.tests.containers;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The docker command line, because some of its flags are features of the client that the daemon
 * does not have.
 */
final class DockerProgram {
  private DockerProgram() {}

  /** The exit code, and the output on both streams. */
  record DockerResult(int exitCode, String output) {}

  /** Returns the output without the line break. */
  static String run(String... arguments) throws IOException, InterruptedException {
    DockerResult dockerResult = tryRun(arguments);
    if (dockerResult.exitCode() != 0) {
      throw new IOException("docker " + String.join(" ", arguments) + ": " + dockerResult.output());
    }
    return dockerResult.output().strip();
  }

  static DockerResult tryRun(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("docker"));
    command.addAll(List.of(arguments));
    Path output = Files.createTempFile("docker", ".out");
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      process.getOutputStream().close();
      if (!process.waitFor(5, TimeUnit.MINUTES)) {
        process.destroyForcibly();
        throw new IOException("docker " + String.join(" ", arguments) + " does not end");
      }
      return new DockerResult(
          process.exitValue(), Files.readString(output, StandardCharsets.UTF_8));
    } finally {
      Files.delete(output);
    }
  }
}
