package io.dropserver.egress.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dropserver.testing.CertificateAuthority;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(240) // keytool starts a JVM for each key
@Tag("slow")
class TlsTest {
  @TempDir private Path folder;

  @Test
  void aDestinationProvesItsNameToAnAuthorityThatIsTrusted() throws Exception {
    CertificateAuthority trusted =
        new CertificateAuthority(Files.createDirectory(folder.resolve("trusted")));
    CertificateAuthority stranger =
        new CertificateAuthority(Files.createDirectory(folder.resolve("stranger")));
    try (GatewayFixture fixture =
            new GatewayFixture(
                folder, GatewayFixture.quick(), List.of(trusted.file()), "127.0.0.1/32");
        LoopbackServer good =
            LoopbackServer.secured(trusted.server("dns:name.test"), LoopbackServer::echo);
        LoopbackServer otherName =
            LoopbackServer.secured(trusted.server("dns:other.test"), LoopbackServer::echo);
        LoopbackServer unknown =
            LoopbackServer.secured(stranger.server("dns:name.test"), LoopbackServer::echo);
        LoopbackServer plain = LoopbackServer.plain(LoopbackServer::echo)) {
      fixture.resolves("name.test", "127.0.0.1");
      assertThat(get(fixture, good)).startsWith("HTTP/1.1 200 OK").contains("GET / 0");
      for (LoopbackServer wrong : List.of(otherName, unknown)) {
        assertThat(get(fixture, wrong))
            .startsWith("HTTP/1.1 502")
            .contains("could not be verified");
        assertThat(wrong.requests()).isEmpty();
      }
      // The server may wait for the end of a line or close the connection, depending on random
      // bytes.
      assertThat(get(fixture, plain)).containsPattern("^HTTP/1.1 50[24] ");
      assertThat(plain.requests()).isEmpty();
      String byAddress = "https://127.0.0.1:" + good.port() + "/";
      fixture.allow(byAddress);
      assertThat(fixture.get(byAddress)).startsWith("HTTP/1.1 502");
    }
  }

  @Test
  void theServersOwnFetchTrustsWhatItsCallerTrusts() throws Exception {
    CertificateAuthority authority =
        new CertificateAuthority(Files.createDirectory(folder.resolve("home")));
    try (GatewayFixture fixture =
            new GatewayFixture(folder, GatewayFixture.quick(), List.of(), "127.0.0.1/32");
        LoopbackServer server =
            LoopbackServer.secured(authority.server("dns:name.test"), LoopbackServer::echo)) {
      fixture.resolves("name.test", "127.0.0.1");
      URI url = URI.create("https://name.test:" + server.port() + "/");
      Duration deadline = Duration.ofMinutes(1);
      assertThatThrownBy(() -> fixture.gateway.fetch().get(url, "text/plain", 1000, deadline))
          .hasMessageContaining("could not be verified");
      GuardedFetch trusting =
          fixture.gateway.fetch(TrustedAuthorities.with("repo.trust", List.of(authority.file())));
      assertThat(new String(trusting.get(url, "text/plain", 1000, deadline), UTF_8))
          .contains("GET / 0");
    }
  }

  private static String get(GatewayFixture fixture, LoopbackServer server) throws Exception {
    String url = "https://name.test:" + server.port() + "/";
    fixture.allow(url);
    return fixture.get(url);
  }

  @Test
  void fewSessionsAreKept() {
    assertThat(TrustedAuthorities.with(List.of()).sessions().getSessionCacheSize())
        .isEqualTo(TrustedAuthorities.TLS_SESSIONS)
        .isLessThan(1_000);
  }

  @Test
  void aFileWithoutCertificatesIsNamed() throws Exception {
    Path file = Files.writeString(folder.resolve("ca.pem"), "no certificate");
    assertThatThrownBy(() -> new GatewayFixture(folder, GatewayFixture.quick(), List.of(file)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("ca.pem");
  }
}
