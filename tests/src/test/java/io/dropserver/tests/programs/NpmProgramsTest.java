package io.dropserver.tests.programs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Real packages from npm, unmodified, installed from the registry and run in real sandboxes. Each
 * app of the folder {@code programs} is installed once, all at the same time.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(300)
class NpmProgramsTest {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final String FORGED =
      "X-Forwarded-For: 203.0.113.9\r\nX-Real-IP: 203.0.113.9\r\nForwarded: for=203.0.113.9\r\n";

  private ProgramHost programs;

  @BeforeAll
  void install(@TempDir Path folder) throws IOException {
    programs =
        new ProgramHost(
            folder, List.of("fastify", "express", "http-server", "serve", "json-server"));
  }

  @AfterAll
  void close() {
    programs.close();
  }

  @Test
  void fastifySeesTheAddressItRequested() throws Exception {
    try (ProgramHost.Running app = programs.start("fastify")) {
      JsonNode machine = JSON.readTree(app.get("/machine").body());
      assertThat(machine.path("addresses").path(0).toString())
          .isEqualTo("{\"address\":\"127.0.0.1\",\"family\":\"IPv4\",\"port\":3000}");
      assertThat(machine.path("interfaces").toString()).isEqualTo("{}");
      assertThat(machine.path("report").toString()).isEqualTo("{}");
      assertThat(app.log()).contains("Server listening at http://127.0.0.1:3000");
    }
  }

  @Test
  void eachVisitorHasAnAddressOfTheDocumentationPrefix() throws Exception {
    for (String name : List.of("fastify", "express")) {
      try (ProgramHost.Running app = programs.start(name)) {
        JsonNode ada = JSON.readTree(app.get("/visitor", "Dropserver-User-Id: ada\r\n").body());
        JsonNode bob = JSON.readTree(app.get("/visitor", "Dropserver-User-Id: bob\r\n").body());
        JsonNode unknown = JSON.readTree(app.get("/visitor").body());
        for (JsonNode visitor : List.of(ada, bob, unknown)) {
          assertThat(visitor.path("address").asString()).startsWith("2001:db8:");
          assertThat(visitor.path("ip")).isEqualTo(visitor.path("address"));
        }
        assertThat(List.of(ada, bob, unknown)).doesNotHaveDuplicates();
        assertThat(JSON.readTree(app.get("/visitor", "Dropserver-User-Id: ada\r\n").body()))
            .isEqualTo(ada);
      }
    }
  }

  /** The host's proxy removes these headers; here they arrive, and Express does not trust them. */
  @Test
  void headersOfAVisitorDoNotChangeTheAddress() throws Exception {
    try (ProgramHost.Running app = programs.start("express")) {
      assertThat(app.get("/visitor", FORGED).body()).isEqualTo(app.get("/visitor").body());
    }
  }

  @Test
  void expressFindsItsFilesRelativeToTheWorkingFolder() throws Exception {
    try (ProgramHost.Running app = programs.start("express")) {
      assertThat(app.get("/file.txt").body()).isEqualTo("a static file\n");
      assertThat(app.get("/").body()).isEqualTo("<p>Good day, Ada</p>\n");
      assertThat(app.log()).contains("listening on port 8080");
    }
  }

  @Test
  void sqlJsReadsItsOwnWebAssemblyFile() throws Exception {
    try (ProgramHost.Running app = programs.start("express")) {
      assertThat(app.get("/sql").body()).isEqualTo("[[42]]");
    }
  }

  /** The words in another language are in a file of the package. */
  @Test
  void yargsParsesTheArgumentsAndReadsItsOwnFiles() throws Exception {
    try (ProgramHost.Running app = programs.start("express")) {
      JsonNode options = JSON.readTree(app.get("/options").body());
      assertThat(options.path("_").toString()).isEqualTo("[\"greet\"]");
      assertThat(options.path("name").asString()).isEqualTo("Ada");
      assertThat(options.path("help").asString())
          .contains("demo greet", "Greets a person", "Optionen:", "Version anzeigen");
    }
  }

  /** Deno alone throws an error for the last two. Node answers false, also if it may not look. */
  @Test
  void aProgramMayAskWhetherAFileExistsThatItMayNotRead() throws Exception {
    try (ProgramHost.Running app = programs.start("express")) {
      assertThat(app.get("/exists?path=public/file.txt").body()).isEqualTo("true");
      assertThat(app.get("/exists?path=public/missing.txt").body()).isEqualTo("false");
      assertThat(app.get("/exists?path=/proc/self/status").body()).isEqualTo("false");
      assertThat(app.get("/exists?path=/etc/passwd").body()).isEqualTo("false");
    }
  }

  @Test
  void httpServerRunsAsAProgramWithArguments() throws Exception {
    try (ProgramHost.Running app = programs.start("http-server")) {
      ProgramHost.Response response = app.get("/");
      assertThat(response.body()).isEqualTo("hello from http-server\n");
      assertThat(response.head()).containsIgnoringCase("access-control-allow-origin: *");
    }
  }

  @Test
  void serveRunsAsAProgramWithArguments() throws Exception {
    try (ProgramHost.Running app = programs.start("serve")) {
      assertThat(app.get("/").body()).isEqualTo("hello from serve\n");
    }
  }

  @Test
  void jsonServerKeepsItsRecordsInTheData() throws Exception {
    try (ProgramHost.Running app = programs.start("json-server")) {
      assertThat(app.post("/posts", "{\"title\": \"a new post\"}").head()).contains(" 201 ");
      // json-server writes the file after its response.
      Path records = app.dataFolder().resolve("db.json");
      await()
          .atMost(Duration.ofMinutes(2))
          .untilAsserted(() -> assertThat(records).content().contains("a new post"));
    }
    try (ProgramHost.Running app = programs.start("json-server")) {
      assertThat(app.get("/posts?title=a+new+post").body()).contains("a new post");
    }
  }
}
