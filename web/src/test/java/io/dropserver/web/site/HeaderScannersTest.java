package io.dropserver.web.site;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.dropserver.web.tls.TestAuthority;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Checks the headers of the shell and of an appspace with independent tools: MDN's HTTP Observatory
 * and Google's CSP Evaluator.
 */
@Tag("slow")
class HeaderScannersTest {
  private static final int SYNTAX = 20;

  @Test
  void theObservatoryGradesShellAndAppspacesAPlus(@TempDir Path folder) throws Exception {
    List<String> hosts = List.of("home.localhost", "*.home.localhost");
    try (TlsFrontDoor secure = new TlsFrontDoor(folder, hosts, FrontDoorLimits.DEFAULT)) {
      secure.door.answering(
          "notes",
          """
          HTTP/1.1 200 OK\r
          Content-Type: text/html; charset=utf-8\r
          Set-Cookie: seen=1\r
          Content-Length: 37\r
          \r
          <!doctype html><title>Notes</title>ok\
          """);
      for (String host : List.of("home.localhost", "notes.home.localhost")) {
        JsonNode said =
            ask(Optional.of(secure.authority), "observatory", host + ":" + secure.port());
        assertThat(said.at("/grade").asString()).as(host + " " + said).isEqualTo("A+");
      }
    }
  }

  @Test
  void aSiteWithoutSuchHeadersFails() throws Exception {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10);
    // The tool tries TLS first; this server's failure to handle that must not block other requests.
    server.setExecutor(Thread::startVirtualThread);
    server.createContext(
        "/",
        exchange -> {
          exchange.getResponseHeaders().set("Content-Type", "text/html");
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    server.start();
    try {
      String host = "home.localhost:" + server.getAddress().getPort();
      assertThat(ask(Optional.empty(), "observatory", host).at("/grade").asString()).isEqualTo("F");
    } finally {
      server.stop(0);
    }
  }

  @Test
  void theEvaluatorFindsNothingHighInAnyPolicy() throws Exception {
    try (FrontDoorFixture door = new FrontDoorFixture()) {
      door.answering("notes", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
      ShellClient shell = new ShellClient(door);
      for (RawHttpClient.Answer response :
          List.of(
              shell.get("/"),
              shell.get("/login"),
              shell.get("/a/notes/"),
              shell.get("/nowhere"),
              door.get("notes", "/"),
              door.get("notes", "/.dropserver/nothing"))) {
        String policy = response.header("Content-Security-Policy").orElseThrow();
        for (JsonNode finding : ask(Optional.empty(), "csp", policy)) {
          assertThat(finding.at("/severity").asInt())
              .as(policy + " " + finding)
              .isGreaterThan(SYNTAX);
        }
      }
      assertThat(ask(Optional.empty(), "csp", "script-src 'unsafe-inline' *").toString())
          .as("it does find what is bad")
          .contains("\"severity\":10");
    }
  }

  /**
   * @param what a host and port, or a policy
   */
  private static JsonNode ask(Optional<TestAuthority> trusted, String judge, String what)
      throws IOException, InterruptedException {
    Path judges = Objects.requireNonNull(Path.of("").toAbsolutePath().getParent());
    ProcessBuilder builder =
        new ProcessBuilder("node", "judge.mjs", judge, what)
            .directory(judges.resolve("tools/judges").toFile())
            .redirectErrorStream(true);
    trusted.ifPresent(
        authority -> builder.environment().put("NODE_EXTRA_CA_CERTS", authority.root().toString()));
    Process process = builder.start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as("%s (bin/setup --test brings it)", said).isZero();
    return JsonMapper.shared().readTree(said);
  }
}
