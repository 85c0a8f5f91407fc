package io.dropserver.tests.containers;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Docker as people use it: some flags are words of its own that the daemon does not know. */
final class DockerProgram {
  private DockerProgram() {}

  /** How it ended, and what it printed to both outputs. */
  record Result(int exitCode, String output) {}

  /** What it printed, without the line break. */
  static String run(String... arguments) throws IOException, InterruptedException {
    Result result = tryRun(arguments);
    if (result.exitCode() != 0) {
      throw new IOException("docker " + String.join(" ", arguments) + ": " + result.output());
    }
    return result.output().strip();
  }

  static Result tryRun(String... arguments) throws IOException, InterruptedException {
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
      return new Result(process.exitValue(), Files.readString(output, StandardCharsets.UTF_8));
    } finally {
      Files.delete(output);
    }
  }
}
