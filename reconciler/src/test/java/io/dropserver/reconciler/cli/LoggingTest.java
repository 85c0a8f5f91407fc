package io.dropserver.reconciler.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.reconciler.server.Server;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Log lines reach standard error. */
class LoggingTest {
  /** Fewer than the queue can hold, because those could be lost at the end. */
  private static final int REQUESTS = 4_000;

  /** Logs like a server and ends at once. */
  static final class Program {
    private Program() {}

    public static void main(String[] arguments) {
      Logging.ofServer();
      Logger requests = LoggerFactory.getLogger(Server.ACCESS_LOG);
      for (int i = 0; i < REQUESTS; i++) {
        requests.atInfo().addKeyValue("number", i).log("request");
      }
    }
  }

  /** Logs like the demo. */
  static final class Demo {
    private Demo() {}

    public static void main(String[] arguments) {
      Logging.ofDemo();
      Logger requests = LoggerFactory.getLogger(Server.ACCESS_LOG);
      requests
          .atInfo()
          .addKeyValue("path", "/a\n\u001b[31mb")
          .addKeyValue("status", 200)
          .log("request");
      LoggerFactory.getLogger("io.dropserver.Other").info("nothing more");
      LoggerFactory.getLogger("io.dropserver.Other").info("a\u009b2Jb\u2028c\u202ed");
    }
  }

  @Test
  void logLinesShowRequestsAndStatusInSanitizedText(@TempDir Path folder)
      throws IOException, InterruptedException {
    assertThat(logged(folder, Demo.class))
        .anySatisfy(
            line -> assertThat(line).endsWith("access: request path=\"/a  [31mb\" status=\"200\""))
        .anySatisfy(line -> assertThat(line).endsWith("Other: nothing more"))
        .anySatisfy(line -> assertThat(line).endsWith("Other: a 2Jb c d"))
        .hasSize(3);
  }

  @Test
  void aServerThatEndsHasWrittenTheLineOfEveryRequest(@TempDir Path folder)
      throws IOException, InterruptedException {
    List<String> lines = logged(folder, Program.class);
    assertThat(lines).hasSize(REQUESTS).allMatch(line -> line.contains("\"request\""));
    assertThat(lines.getLast()).contains(String.valueOf(REQUESTS - 1));
  }

  private static List<String> logged(Path folder, Class<?> program)
      throws IOException, InterruptedException {
    Path log = folder.resolve("log");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                program.getName())
            .redirectError(log.toFile())
            .start();
    assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
    return Files.readAllLines(log);
  }
}
