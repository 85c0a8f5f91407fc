package io.dropserver.web.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dropserver.schema.host.HostConfig.Acme;
import io.dropserver.web.tls.CertificateReports.CertificateProblem;
import io.dropserver.web.tls.Certificates.AcmeOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The date of the machine was years ahead, and is corrected. */
class AcmeOrdersDateJumpTest {
  private static final Instant DATE = Instant.parse("2026-11-26T08:00:00Z");
  private static final Instant WRONG = DATE.plus(Duration.ofDays(3650));
  private static final Set<String> HOSTS = Set.of("home.example.org");

  @TempDir private Path folder;
  private volatile Instant now = WRONG;
  private volatile String problem = "";

  private final CertificateReports reports =
      new CertificateReports() {
        @Override
        public void raise(CertificateProblem certificateProblem, String message) {
          problem = message;
        }

        @Override
        public void clear(CertificateProblem certificateProblem) {}
      };

  /** An authority that refuses connections. */
  private static Acme unreachable() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return new Acme(
          URI.create("https://127.0.0.1:" + socket.getLocalPort() + "/directory"),
          Optional.empty(),
          List.of(),
          Optional.empty());
    }
  }

  private AcmeOptions options() throws IOException {
    return new AcmeOptions(unreachable(), folder, _ -> new InetAddress[0], Duration.ofHours(1));
  }

  private void awaitNextAttempt(Instant next) {
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() -> assertThat(problem).contains("(next attempt at " + next));
  }

  @Test
  void aFailureOfALaterDateDelaysNoOrderWhenTheDateIsCorrected() throws IOException {
    try (AcmeOrders orders = new AcmeOrders(options(), reports, () -> now)) {
      orders.setHosts(HOSTS, HOSTS, "home.example.org");
      awaitNextAttempt(WRONG.plus(Duration.ofMinutes(5)));
      now = DATE;
      orders.setHosts(HOSTS, HOSTS, "home.example.org");
      awaitNextAttempt(DATE.plus(Duration.ofMinutes(5)));
    }
  }

  @Test
  void aStoredDelayOfALaterDateDelaysNoOrderAfterARestart() throws IOException {
    now = DATE;
    Files.createDirectories(folder);
    new AcmeRetries(folder).failed("home.example.org", WRONG, Optional.empty());
    try (AcmeOrders orders = new AcmeOrders(options(), reports, () -> now)) {
      orders.setHosts(HOSTS, HOSTS, "home.example.org");
      awaitNextAttempt(DATE.plus(Duration.ofMinutes(5)));
    }
  }
}
