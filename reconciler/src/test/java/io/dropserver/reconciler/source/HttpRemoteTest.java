package io.dropserver.reconciler.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dropserver.sandbox.app.RedirectRule;
import io.dropserver.state.condition.InstanceReason;
import io.dropserver.testing.CertificateAuthority;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.transport.FetchConnection;
import org.eclipse.jgit.transport.Transport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HttpRemoteTest {
  private static final String TOKEN = "t0ken-that-must-not-show";

  @TempDir Path folder;
  private GitFixture git;
  private HttpGit server;
  private Path tokenFile;
  private List<Path> trust = List.of();

  @BeforeEach
  void serve() throws IOException {
    git = new GitFixture(folder);
    for (int i = 0; i < 50; i++) {
      git.write("f" + i + ".yaml", "n: " + i + "\n");
    }
    git.push("one");
    server = new HttpGit(folder);
    tokenFile = folder.resolve("token");
    Files.writeString(tokenFile, TOKEN + "\n");
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private GitSource open() {
    return open(Duration.ofSeconds(20), Duration.ofSeconds(60));
  }

  private GitSource open(Duration response, Duration whole) {
    RemoteAccess access =
        new RemoteAccess(
            "bot",
            Optional.of(tokenFile),
            RemoteAccess.SshIdentity.NONE,
            Optional.empty(),
            trust,
            response,
            whole);
    GitSettings settings =
        TestSettings.of(server.url("remote.git"), "main", access, folder.resolve("state/http.git"));
    return new GitSource(settings, InstantSource.system());
  }

  private static PollResult.Unreachable unreachable(PollResult result) {
    assertThat(result).isInstanceOf(PollResult.Unreachable.class);
    assertThat(result.toString()).doesNotContain(TOKEN);
    return (PollResult.Unreachable) result;
  }

  @Test
  void aTokenIsSentWhenTheServerRequiresIt() {
    server.requiredAuthorization =
        "Basic "
            + Base64.getEncoder().encodeToString(("bot:" + TOKEN).getBytes(StandardCharsets.UTF_8));
    try (GitSource source = open()) {
      assertThat(source.poll(source.servedCopy(), false)).isInstanceOf(PollResult.Moved.class);
    }
    assertThat(server.authorizations).contains(server.requiredAuthorization);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aRefusedTokenIsAnAuthenticationFailureThatNamesItsFile(boolean onlyAnonymous) {
    server.requiredAuthorization = "Basic something-else";
    server.challengesOnlyAnonymous = onlyAnonymous;
    try (GitSource source = open()) {
      PollResult.Unreachable refused = unreachable(source.poll(source.servedCopy(), false));
      assertThat(refused.reason()).isEqualTo(InstanceReason.AUTHENTICATION_FAILED);
      assertThat(refused.message()).containsOnlyOnce(server.url("remote.git"));
      assertThat(refused.remedy()).contains(tokenFile.toString());
    }
  }

  @Test
  void aFailureNamesTheUrlOnce() {
    server.fault = HttpGit.Fault.TOO_MANY_REQUESTS;
    try (GitSource source = open()) {
      PollResult.Unreachable failed = unreachable(source.poll(source.servedCopy(), false));
      assertThat(failed.message() + "; " + failed.remedy())
          .containsOnlyOnce(server.url("remote.git"));
    }
  }

  @Test
  void retryAfterOfTheServerIsHonoured() {
    server.fault = HttpGit.Fault.TOO_MANY_REQUESTS;
    try (GitSource source = open()) {
      assertThat(unreachable(source.poll(source.servedCopy(), false)).retryAfter())
          .contains(Duration.ofSeconds(7));
      server.fault = HttpGit.Fault.NONE;
      assertThat(source.poll(source.servedCopy(), false)).isInstanceOf(PollResult.Moved.class);
    }
  }

  @Test
  void fetchingFromASilentServerTimesOut() {
    server.fault = HttpGit.Fault.SILENT;
    try (GitSource source = open(Duration.ofSeconds(2), Duration.ofSeconds(6))) {
      Instant start = Instant.now();
      unreachable(source.poll(source.servedCopy(), false));
      assertThat(Duration.between(start, Instant.now())).isLessThan(Duration.ofSeconds(9));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "ENDLESS_REFERENCES, false",
    "ENDLESS_REFERENCES, true",
    "ENDLESS_RESPONSE, false",
    "ENDLESS_RESPONSE, true"
  })
  void aServerThatSendsReferencesWithoutEndIsCutOff(HttpGit.Fault fault, boolean gzip) {
    server.fault = fault;
    server.gzip = gzip;
    try (GitSource source = open()) {
      assertThat(unreachable(source.poll(source.servedCopy(), false)).message())
          .contains("more than 32 MiB besides its objects");
    }
  }

  @Test
  void aConnectionCutInThePackLeavesARepositoryThatFetchesTheNextTime() {
    try (GitSource source = open()) {
      server.fault = HttpGit.Fault.CUT_IN_THE_PACK;
      assertThat(source.poll(source.servedCopy(), false)).isNotInstanceOf(PollResult.Moved.class);
      assertThat(source.servedCopy().flatMap(source::find)).isEmpty();
      server.fault = HttpGit.Fault.NONE;
      assertThat(source.poll(source.servedCopy(), false)).isInstanceOf(PollResult.Moved.class);
    }
  }

  @Test
  void aServerWithACertificateOfItsOwnAuthorityNeedsTheTrustOfTheConfiguration() throws Exception {
    CertificateAuthority authority = new CertificateAuthority(folder);
    server.close();
    server = new HttpGit(folder, authority.server("ip:127.0.0.1"));
    try (GitSource source = open()) {
      PollResult.Unreachable refused = unreachable(source.poll(source.servedCopy(), false));
      assertThat(refused.message()).contains("certificate", "not trusted");
      assertThat(refused.remedy()).contains("repo.trust");
    }
    trust = List.of(authority.file());
    try (GitSource source = open()) {
      assertThat(source.poll(source.servedCopy(), false)).isInstanceOf(PollResult.Moved.class);
    }
  }

  @Test
  void aTrustFileWithoutACertificateIsNamed() throws IOException {
    trust = List.of(Files.writeString(folder.resolve("empty.pem"), "no certificate"));
    assertThatThrownBy(this::open)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("repo.trust: ")
        .hasMessageContaining("empty.pem");
  }

  @Test
  void aPublicServerDoesNotRedirectToAPrivateAddress() throws Exception {
    server.redirectTo = server.url("remote.git").replaceAll("/remote.git$", "");
    RemoteUrl url = RemoteUrl.parse(server.url("moved.git").replace("127.0.0.1", "localhost"));
    RedirectRule rule =
        new RedirectRule(
            host ->
                new InetAddress[] {
                  InetAddress.ofLiteral(host.equals("localhost") ? "93.184.216.34" : host)
                });
    try (Repository local = BareRepository.open(folder.resolve("state/redirected.git"));
        Remote trusting = new Remote(url, RemoteAccess.anonymous(), folder.resolve("none"));
        Remote checked = new Remote(url, RemoteAccess.anonymous(), folder.resolve("none"), rule)) {
      try (Transport transport = checked.open(local)) {
        assertThatThrownBy(transport::openFetch).hasStackTraceContaining("not public");
      }
      try (Transport transport = trusting.open(local);
          FetchConnection connection = transport.openFetch()) {
        assertThat(connection.getRefs()).as("both addresses are private").isNotEmpty();
      }
    }
  }
}
