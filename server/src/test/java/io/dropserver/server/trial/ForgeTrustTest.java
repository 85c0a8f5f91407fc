package io.dropserver.server.trial;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.dropserver.reconciler.forge.ForgeInspection.Finding;
import io.dropserver.reconciler.forge.ForgeInspection.Result;
import io.dropserver.schema.host.HostConfig;
import io.dropserver.schema.host.HostConfigReader;
import io.dropserver.testing.CertificateAuthority;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A forge at home, whose certificate the platform's authorities do not verify. */
class ForgeTrustTest {
  private static final String TOKEN = "t0ken-that-must-not-show";

  @TempDir Path folder;
  private final List<String> authorizations = new CopyOnWriteArrayList<>();
  private final List<String> gitAuthorizations = new CopyOnWriteArrayList<>();
  private CertificateAuthority authority;
  private HttpsServer forge;

  @BeforeEach
  void serve() throws Exception {
    authority = new CertificateAuthority(folder);
    forge = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    forge.setHttpsConfigurator(new HttpsConfigurator(authority.server("ip:127.0.0.1")));
    forge.createContext("/api/v1/repos/alice/home", this::describe);
    forge.createContext("/alice/home.git", this::challenge);
    forge.start();
    Path token = Files.writeString(folder.resolve("token"), TOKEN);
    Files.setPosixFilePermissions(token, PosixFilePermissions.fromString("rw-------"));
  }

  @AfterEach
  void stop() {
    forge.stop(0);
  }

  private void describe(HttpExchange exchange) throws IOException {
    authorizations.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
    byte[] body = "{\"permissions\": {\"push\": true}}".getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(200, body.length);
    try (var out = exchange.getResponseBody()) {
      out.write(body);
    }
  }

  /** Answers Git as Gitea answers a request without credentials. */
  private void challenge(HttpExchange exchange) throws IOException {
    String authorization = exchange.getRequestHeaders().getFirst("Authorization");
    if (authorization != null) {
      gitAuthorizations.add(authorization);
    }
    exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"Gitea\"");
    exchange.sendResponseHeaders(401, -1);
    exchange.close();
  }

  private List<Finding> inspect(String trust) throws IOException {
    String base = "https://127.0.0.1:" + forge.getAddress().getPort();
    Path file =
        Files.writeString(
            folder.resolve("dropserver.yaml"),
            """
            repo:
              url: "%1$s/alice/home.git"
              tokenFile: token
            %2$s
              write: {forge: gitea, api: "%1$s/api/v1", tokenFile: token}
            """
                .formatted(base, trust));
    HostConfigReader.HostConfigResult read = new HostConfigReader().read(file);
    HostConfig config =
        read.config().orElseThrow(() -> new AssertionError(read.problems().toString()));
    List<Finding> findings = new RepositoryTrial(config, InstantSource.system()).run();
    assertThat(findings).noneMatch(finding -> finding.toString().contains(TOKEN));
    return findings;
  }

  @Test
  void theForgeIsUsedOnlyWithTheAuthorityOfTheConfiguration() throws IOException {
    assertThat(inspect("")).allMatch(finding -> finding.result() == Result.FAILS);
    assertThat(inspect(""))
        .filteredOn(finding -> finding.subject().equals("forge"))
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.detail()).contains("certificat");
              assertThat(finding.remedy()).contains("repo.trust");
            });
    assertThat(authorizations).as("a token that an impostor would receive").isEmpty();

    assertThat(inspect("  trust: [ca.pem]"))
        .filteredOn(finding -> finding.subject().equals("forge token"))
        .singleElement()
        .satisfies(finding -> assertThat(finding.result()).isEqualTo(Result.WORKS));
    assertThat(authorizations).contains("token " + TOKEN);
  }

  @Test
  void gitSendsTheTokenAsAPasswordAndTheInterfaceReceivesItInItsOwnHeader() throws IOException {
    inspect("  trust: [ca.pem]");
    String basic =
        Base64.getEncoder().encodeToString(("git:" + TOKEN).getBytes(StandardCharsets.UTF_8));
    assertThat(gitAuthorizations).isNotEmpty().containsOnly("Basic " + basic);
    assertThat(authorizations).isNotEmpty().containsOnly("token " + TOKEN);
  }

  @Test
  void anotherAuthorityIsNotTrusted() throws Exception {
    Path other = Files.createDirectory(folder.resolve("other"));
    String file = folder.relativize(new CertificateAuthority(other).file()).toString();
    assertThat(inspect("  trust: [" + file + "]"))
        .allMatch(finding -> finding.result() == Result.FAILS);
    assertThat(authorizations).isEmpty();
  }
}
