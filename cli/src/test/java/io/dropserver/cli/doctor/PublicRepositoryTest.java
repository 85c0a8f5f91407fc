package io.dropserver.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.dropserver.schema.host.HostConfig.Repo;
import io.dropserver.testing.CertificateAuthority;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PublicRepositoryTest {

  private static Optional<DoctorCheck> check(int status, String type) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 5);
    server.createContext(
        "/alice/home.git/info/refs",
        exchange -> {
          boolean asGit = "service=git-upload-pack".equals(exchange.getRequestURI().getQuery());
          boolean secret = exchange.getRequestHeaders().containsKey("Authorization");
          exchange.getResponseHeaders().add("Content-Type", type);
          exchange.sendResponseHeaders(asGit && !secret ? status : 400, -1);
          exchange.close();
        });
    server.start();
    try {
      return PublicRepository.check(
          Repo.of("http://127.0.0.1:" + server.getAddress().getPort() + "/alice/home.git"));
    } finally {
      server.stop(0);
    }
  }

  @Test
  void aRepositoryBehindAHomeAuthorityIsCheckedWithTheTrustOfTheConfiguration(@TempDir Path folder)
      throws Exception {
    CertificateAuthority authority = new CertificateAuthority(folder);
    HttpsServer server =
        HttpsServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 5);
    server.setHttpsConfigurator(new HttpsConfigurator(authority.server("ip:127.0.0.1")));
    server.createContext(
        "/",
        exchange -> {
          exchange
              .getResponseHeaders()
              .add("Content-Type", "application/x-git-upload-pack-advertisement");
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    server.start();
    try {
      Repo strict = Repo.of("https://127.0.0.1:" + server.getAddress().getPort() + "/home.git");
      assertThat(PublicRepository.check(strict).orElseThrow().detail())
          .contains("not trusted", "repo.trust");
      Repo trusting =
          new Repo(
              strict.url(),
              strict.branch(),
              strict.paths(),
              strict.credentials(),
              strict.verify(),
              strict.write(),
              List.of(authority.file()));
      assertThat(PublicRepository.check(trusting).orElseThrow().present()).isFalse();
    } finally {
      server.stop(0);
    }
  }

  @Test
  void onlyAPublicRepositoryIsWarnedAbout() throws IOException {
    String listing = "application/x-git-upload-pack-advertisement";
    assertThat(check(200, listing))
        .hasValueSatisfying(
            doctorCheck -> {
              assertThat(doctorCheck.present()).isFalse();
              assertThat(doctorCheck.required()).as("a server runs all the same").isFalse();
              assertThat(doctorCheck.detail()).contains("everyone can read it at 127.0.0.1");
            });
    assertThat(check(401, listing).orElseThrow().present()).isTrue();
    assertThat(check(200, "text/html").orElseThrow().present()).isTrue();
    assertThat(PublicRepository.check(Repo.of("http://127.0.0.1:1/x.git")).orElseThrow().detail())
        .contains("unknown");
    assertThat(PublicRepository.check(Repo.of("ssh://git@forge/home.git"))).isEmpty();
    assertThat(PublicRepository.check(Repo.of("/srv/home.git"))).isEmpty();
  }
}
