package io.dropserver.web.site;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.web.tls.TestAuthority;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checks a TLS listener with Debian's testssl.sh, an independent tool. */
class TestsslTest {
  @TempDir private Path folder;

  @Test
  @Tag("long")
  void theListenerIsRatedAOrBetterWithoutGraveFindings() throws Exception {
    List<String> hosts = List.of("home.localhost", "localhost");
    try (TlsFrontDoor secure = new TlsFrontDoor(folder, hosts, FrontDoorLimits.DEFAULT)) {
      String findings = findings(secure.authority, secure.port());

      assertThat(findings).containsPattern("\"overall_grade\",.*\"OK\",\"A\\+?\"");
      assertThat(findings.lines().filter(TestsslTest::grave)).isEmpty();
    }
  }

  /** One line per finding: id, address, port, severity, finding. */
  private String findings(TestAuthority authority, int port)
      throws IOException, InterruptedException {
    Path csv = folder.resolve("findings.csv");
    Process testssl =
        new ProcessBuilder(
                "testssl",
                "--quiet",
                "--warnings=off",
                "--color=0",
                "--add-ca=" + authority.root(),
                "--csvfile=" + csv,
                "--ip=127.0.0.1",
                "https://home.localhost:" + port)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("testssl.log").toFile())
            .start();
    if (!testssl.waitFor(8, TimeUnit.MINUTES)) {
      testssl.descendants().forEach(ProcessHandle::destroyForcibly);
      testssl.destroyForcibly();
    }
    return Files.readString(csv);
  }

  /** Ignores that test certificates have neither revocation nor transparency information. */
  private static boolean grave(String finding) {
    return (finding.contains("\"HIGH\"") || finding.contains("\"CRITICAL\""))
        && !finding.startsWith("\"cert_");
  }
}
