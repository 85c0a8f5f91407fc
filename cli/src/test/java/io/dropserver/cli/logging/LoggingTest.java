package io.dropserver.cli.logging;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.schema.host.AuditSettings;
import io.dropserver.schema.host.LogSettings;
import io.dropserver.schema.host.LogSettings.AccessLog;
import io.dropserver.server.Server;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

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

  /** Logs like a server with the access log that the argument names. */
  static final class Sampled {
    private Sampled() {}

    public static void main(String[] arguments) {
      Logging.ofServer();
      Logging.use(new LogSettings(AccessLog.SAMPLED, 100, 1 << 20, 100, AuditSettings.DEFAULT));
      Logger requests = LoggerFactory.getLogger(Server.ACCESS_LOG);
      for (int i = 0; i < 200; i++) {
        log(requests, "GET", "/style.css", 200);
      }
      log(requests, "GET", "/missing.png", 404);
      log(requests, "POST", "/upload.png", 200);
      log(requests, "GET", "/page", 200);
      Logging.use(new LogSettings(AccessLog.OFF, 100, 1 << 20, 100, AuditSettings.DEFAULT));
      log(requests, "GET", "/off", 200);
      LoggerFactory.getLogger("io.dropserver.Other")
          .error("it\u001b \u202e failed", new IllegalStateException("on purpose"));
    }

    private static void log(Logger requests, String method, String path, int status) {
      requests
          .atInfo()
          .addKeyValue("method", method)
          .addKeyValue("path", path)
          .addKeyValue("status", status)
          .log("request");
    }
  }

  @Test
  void aLineIsJsonWithARfc3339TimeAndNumbers(@TempDir Path folder)
      throws IOException, InterruptedException {
    List<JsonNode> lines =
        logged(folder, Sampled.class).stream().map(JsonMapper.shared()::readTree).toList();
    List<JsonNode> requests =
        lines.stream().filter(line -> line.at("/message").asString().equals("request")).toList();
    assertThat(requests)
        .as("two of 200 assets, and all other requests while the log is on")
        .extracting(line -> line.at("/path").asString())
        .containsExactly("/style.css", "/style.css", "/missing.png", "/upload.png", "/page");
    assertThat(requests.getFirst().at("/status").isInt()).isTrue();
    JsonNode error = lines.stream().filter(line -> line.has("exception")).findFirst().orElseThrow();
    assertThat(error.at("/time").asString())
        .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z")
        .satisfies(text -> assertThat(Instant.parse(text)).isBefore(Instant.now().plusSeconds(1)));
    assertThat(error.at("/level").asString()).isEqualTo("ERROR");
    assertThat(error.at("/exception").asString()).contains("on purpose", "LoggingTest");
    assertThat(Files.readString(folder.resolve("log")))
        .doesNotContain("\u001b", "\u202e")
        .doesNotContain("\n\tat ");
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
