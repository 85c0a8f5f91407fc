package io.dropserver.web.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.schema.host.HostConfig.Certificate;
import io.dropserver.web.dns.Knot;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs the commands of docs/operate/tls.md with Debian's lego, Pebble and Knot DNS. Only the
 * folder, the addresses and the secret are replaced.
 */
@Tag("long")
class LegoTest {
  private static final Pattern BLOCK = Pattern.compile("```lego\\n(.*?)```", Pattern.DOTALL);
  private static final Pattern CERTIFICATE =
      Pattern.compile("certificateFile: (lego/[^,]*), keyFile: (lego/[^}]*)}");

  @TempDir private Path folder;

  @Test
  void theCommandsOfThePageObtainACertificateWhoseRenewalIsReloaded() throws Exception {
    String page = Files.readString(Path.of("../docs/operate/tls.md"));
    List<String> blocks = BLOCK.matcher(page).results().map(block -> block.group(1)).toList();
    assertThat(blocks).hasSize(2);
    TestAuthority identity = new TestAuthority(folder);
    try (Knot knot = Knot.start(folder.resolve("knot"), Pebble.freePort());
        Pebble pebble = Pebble.start(folder, identity, knot.address())) {
      run(blocks.getFirst(), knot, pebble, identity);
      Certificate files = files(page);
      CertificateFiles served = new CertificateFiles(List.of(files), new NoReports(), Instant::now);
      KeyedCertificate first = served.of(files);
      assertThat(first.names()).containsExactlyInAnyOrder("home.example.org", "*.home.example.org");
      assertThat(first.covers("notes.home.example.org")).isTrue();
      assertThat(Files.getPosixFilePermissions(folder.resolve("lego.env"))).hasSize(2);

      // Pebble's certificates are valid for 90 days.
      run(blocks.getLast(), knot, pebble, identity);
      served.reloadChanged();
      assertThat(served.of(files)).isEqualTo(first);
      run(blocks.getLast().replace("--days 30", "--days 100"), knot, pebble, identity);
      served.reloadChanged();
      assertThat(served.of(files).id()).isNotEqualTo(first.id());
      assertThat(knot.texts(Knot.CHALLENGE)).isEmpty();
    }
  }

  private Certificate files(String page) {
    MatchResult names = CERTIFICATE.matcher(page).results().findFirst().orElseThrow();
    return new Certificate(folder.resolve(names.group(1)), folder.resolve(names.group(2)));
  }

  /**
   * Runs a block of commands of the page. The name server of the test does not listen on port 53,
   * so options give lego its address and turn off the questions to the servers of the zone.
   */
  private void run(String block, Knot knot, Pebble pebble, TestAuthority identity)
      throws Exception {
    String address = "127.0.0.1:" + knot.address().getPort();
    String script =
        "set -e\n"
            + block
                .replace("/etc/dropserver", folder.toString())
                .replace("192.0.2.53:53", address)
                .replace("=SECRET", "=" + Knot.SECRET)
                .replace(
                    "lego --accept-tos",
                    "lego --server %s --dns.resolvers %s --dns.disable-cp --accept-tos"
                        .formatted(pebble.directory(), address))
                .replace("--days", "--no-random-sleep --days");
    Path log = folder.resolve("lego.log");
    ProcessBuilder shell =
        new ProcessBuilder("sh", "-c", script)
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    shell.environment().put("LEGO_CA_CERTIFICATES", identity.root().toString());
    Process process = shell.start();
    try {
      assertThat(process.waitFor(3, TimeUnit.MINUTES)).as("lego ended").isTrue();
      assertThat(process.exitValue())
          .as(Files.readString(log, StandardCharsets.UTF_8))
          .isEqualTo(0);
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  private static final class NoReports implements CertificateReports {
    @Override
    public void raise(CertificateProblem certificateProblem, String message) {
      throw new AssertionError(message);
    }

    @Override
    public void clear(CertificateProblem certificateProblem) {}
  }
}
