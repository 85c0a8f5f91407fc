package io.dropserver.reconciler.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** An ssh failure is described in words, not with the class names of the ssh client. */
@Tag("slow")
class SshFailureTest {
  @TempDir Path folder;

  private PollResult.Unreachable poll(String url) throws IOException {
    Path key = folder.resolve("key");
    GitFixture.run(folder, "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key.toString());
    Path hosts = Files.createFile(folder.resolve("known_hosts"));
    RemoteAccess access =
        new RemoteAccess(
            "git",
            Optional.empty(),
            RemoteAccess.SshIdentity.of(key),
            Optional.of(hosts),
            List.of(),
            Duration.ofSeconds(5),
            Duration.ofSeconds(9));
    GitSettings settings = TestSettings.of(url, "main", access, folder.resolve("state/x.git"));
    try (GitSource source = new GitSource(settings, InstantSource.system())) {
      return (PollResult.Unreachable) source.poll(Optional.empty(), false);
    }
  }

  @Test
  void aClosedPortIsAConnectionThatWasRefused() throws IOException {
    assertThat(poll("ssh://git@127.0.0.1:" + SshRemoteTest.freePort() + "/x.git").message())
        .endsWith("Connection refused")
        .doesNotContain("Future", "Exception", "[");
  }

  @Test
  void anUnknownHostNameIsNamed() throws IOException {
    assertThat(poll("ssh://git@no-such-host.invalid/x.git").message())
        .endsWith("the host name has no address")
        .doesNotContain("Future", "Exception", "null");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "DefaultAuthFuture[ssh-connection]: Failed (IOException) to execute: Broken pipe|Broken"
            + " pipe",
        "[ssh-connection]: Failed (SshException) to execute: null|ssh",
        "ssh://a@b/x: org.apache.sshd.common.SshException: Session closed|ssh://a@b/x: Session"
            + " closed",
        "No more authentication methods available|No more authentication methods available"
      })
  void namesOfClassesAreLeftOut(String message, String expected) {
    assertThat(FailureText.of(new IOException(message))).isEqualTo(expected);
  }
}
