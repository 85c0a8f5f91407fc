package io.dropserver.reconciler.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.reconciler.forge.ForgeInspection.Finding;
import io.dropserver.reconciler.forge.ForgeInspection.Result;
import io.dropserver.schema.host.HostConfig;
import io.dropserver.schema.host.HostConfigReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code NameServerSetupTest} runs the trial with real name servers. */
class DnsTrialTest {
  @TempDir private Path folder;

  private List<Finding> findings(String dns) throws IOException {
    String text = "acme: {agreeToTerms: true%s}\n".formatted(dns);
    HostConfig config =
        new HostConfigReader()
            .read("dropserver.yaml", text.getBytes(StandardCharsets.UTF_8), folder)
            .config()
            .orElseThrow();
    return DnsTrial.run(config);
  }

  private Finding ofServer(int port, String key) throws IOException {
    Path file = Files.writeString(folder.resolve("tsig.key"), key);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    return findings(
            ", dns01: {rfc2136: {server: \"127.0.0.1:%d\", keyFile: tsig.key}}".formatted(port))
        .getFirst();
  }

  @Test
  void withoutTheSectionThereIsNoFinding() throws IOException {
    assertThat(findings("")).isEmpty();
  }

  @Test
  void aProgramIsNotStarted() throws IOException {
    Path program =
        Files.writeString(
            folder.resolve("hook"), "#!/bin/sh\ntouch %s/started\n".formatted(folder));
    assertThat(program.toFile().setExecutable(true)).isTrue();
    Finding finding = findings(", dns01: {command: [hook]}").getFirst();
    assertThat(finding.result()).isEqualTo(Result.WORKS);
    assertThat(finding.detail()).contains(program + " is executable");
    assertThat(folder.resolve("started")).doesNotExist();
  }

  @Test
  void aBrokenKeyAndASilentServerFail() throws IOException {
    int closed;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      closed = socket.getLocalPort();
    }
    assertThat(ofServer(closed, "not a key"))
        .returns(Result.FAILS, Finding::result)
        .extracting(Finding::detail)
        .asString()
        .contains(folder + "/tsig.key", "acme.dns01.rfc2136.keyFile");
    assertThat(ofServer(closed, "hmac-sha256:dropserver:c2VjcmV0"))
        .returns(Result.FAILS, Finding::result)
        .extracting(Finding::detail)
        .asString()
        .contains("127.0.0.1:" + closed, "does not respond");
  }
}
