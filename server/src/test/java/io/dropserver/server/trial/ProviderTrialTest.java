package io.dropserver.server.trial;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.dropserver.reconciler.forge.ForgeInspection.Finding;
import io.dropserver.reconciler.forge.ForgeInspection.Result;
import io.dropserver.schema.host.HostConfig;
import io.dropserver.schema.host.HostConfigReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Providers on loopback, at which {@code doctor --config} tries what log-ins need. */
@Tag("slow")
class ProviderTrialTest {
  @TempDir Path folder;
  private HttpServer server;
  private ServerSocket silent;
  private String base = "";

  @BeforeEach
  void start() throws IOException {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    server = HttpServer.create(new InetSocketAddress(loopback, 0), 0);
    base = "http://127.0.0.1:" + server.getAddress().getPort();
    server.createContext("/", this::answer);
    server.start();
    // The kernel completes the connection, and nothing answers.
    silent = new ServerSocket(0, 1, loopback);
  }

  @AfterEach
  void stop() throws IOException {
    server.stop(0);
    silent.close();
  }

  /** Answers for the issuer that the first folder of the path names. */
  private void answer(HttpExchange exchange) throws IOException {
    String name = exchange.getRequestURI().getPath().split("/", -1)[1];
    String issuer = base + "/" + (name.equals("other") ? "else" : name);
    String body =
        exchange.getRequestURI().getPath().endsWith("/keys")
            ? "{\"keys\":[{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\"}]}"
            : """
            {"issuer": "%1$s", "authorization_endpoint": "%1$s/auth", "token_endpoint": "%1$s/token", "jwks_uri": "%1$s/keys",
             "response_types_supported": ["code"], "subject_types_supported": ["public"],
             "id_token_signing_alg_values_supported": ["RS256"]}
            """
                .formatted(issuer);
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(name.equals("down") ? 502 : 200, bytes.length);
    try (var out = exchange.getResponseBody()) {
      out.write(bytes);
    }
  }

  private List<Finding> run(String providers, Clock clock) throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("dropserver.yaml"),
            "egress: {open: [127.0.0.1/32]}\nopenid:\n" + providers.indent(2));
    HostConfig config = new HostConfigReader().read(file).config().orElseThrow();
    return new ProviderTrial(config, clock).run();
  }

  private String provider(String name, String issuer) {
    return "%s: {issuer: \"%s\", clientId: dropserver}\n".formatted(name, issuer);
  }

  @Test
  void eachProviderThatLogInsCannotUseIsNamedWithTheReason() throws IOException {
    Path secret = Files.createFile(folder.resolve("secret"));
    Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
    List<Finding> findings =
        run(
            provider("good", base + "/good")
                + provider("other", base + "/other")
                + provider("down", base + "/down")
                + provider("absent", "http://127.0.0.1:1")
                + provider("slow", "http://127.0.0.1:" + silent.getLocalPort())
                + provider("empty", base + "/empty").replace("}", ", clientSecretFile: secret}"),
            Clock.systemUTC());
    assertThat(findings)
        .extracting(Finding::subject)
        .containsExactlyInAnyOrder(
            "log-in provider good",
            "log-in provider other",
            "log-in provider down",
            "log-in provider absent",
            "log-in provider slow",
            "log-in provider empty");
    assertThat(found(findings, "good").result()).isEqualTo(Result.WORKS);
    assertFails(findings, "other", "it describes another issuer: " + base + "/else");
    assertFails(findings, "down", "answered with status 502");
    assertFails(findings, "absent", "http://127.0.0.1:1/.well-known/openid-configuration");
    assertFails(findings, "slow", "it did not answer within 10 s");
    assertFails(findings, "empty", secret + " is empty");
  }

  @Test
  void aClockThatLogInsDoNotTolerateIsNamed() throws IOException {
    Clock ahead = Clock.offset(Clock.systemUTC(), Duration.ofMinutes(5));
    List<Finding> findings = run(provider("good", base + "/good"), ahead);
    assertFails(findings, "good", "seconds behind this machine's, and log-ins fail above 60");
    assertThat(found(findings, "good").remedy()).isEqualTo("timedatectl set-ntp true");
    Clock slightly = Clock.offset(Clock.systemUTC(), Duration.ofSeconds(30));
    assertThat(run(provider("good", base + "/good"), slightly).getFirst().result())
        .isEqualTo(Result.WORKS);
  }

  @Test
  void withoutProvidersNothingIsTried() {
    assertThat(new ProviderTrial(HostConfig.DEFAULT, Clock.systemUTC()).run()).isEmpty();
  }

  private static void assertFails(List<Finding> findings, String name, String detail) {
    Finding finding = found(findings, name);
    assertThat(finding.result()).isEqualTo(Result.FAILS);
    assertThat(finding.detail()).contains(detail);
    assertThat(finding.remedy()).isNotEmpty();
  }

  private static Finding found(List<Finding> findings, String name) {
    return findings.stream()
        .filter(finding -> finding.subject().endsWith(" " + name))
        .findFirst()
        .orElseThrow();
  }
}
