package io.dropserver.reconciler.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.dropserver.reconciler.source.RemoteAccess.SshIdentity;
import io.dropserver.state.condition.InstanceReason;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs against a separate sshd on loopback, as the current user. */
@Tag("slow")
class SshRemoteTest {
  private static final Path SSHD = Path.of("/usr/sbin/sshd");

  @TempDir Path folder;
  private GitFixture git;
  private Process sshd;
  private int port;
  private Path key;
  private Path knownHosts;

  @BeforeEach
  void startServer() throws IOException {
    Assumptions.assumeTrue(Files.isExecutable(SSHD), "openssh-server is not installed");
    git = new GitFixture(folder);
    git.write("a.yaml", "a: 1\n");
    git.push("one");
    Path host = keygen("host");
    key = keygen("user");
    port = freePort();
    Path config = folder.resolve("sshd_config");
    Files.writeString(
        config,
        """
        Port %d
        ListenAddress 127.0.0.1
        HostKey %s
        AuthorizedKeysFile %s.pub
        PidFile none
        StrictModes no
        UsePAM no
        PasswordAuthentication no
        KbdInteractiveAuthentication no
        PermitRootLogin prohibit-password
        """
            .formatted(port, host, key));
    if (Files.isWritable(Path.of("/run"))) {
      Files.createDirectories(Path.of("/run/sshd"));
    }
    sshd =
        new ProcessBuilder(SSHD.toString(), "-D", "-e", "-f", config.toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("sshd.log").toFile())
            .start();
    await().atMost(Duration.ofSeconds(10)).until(this::answers);
    knownHosts = folder.resolve("known_hosts");
    knows(host);
  }

  @AfterEach
  void stopServer() {
    if (sshd != null) {
      sshd.descendants().forEach(ProcessHandle::destroy);
      sshd.destroy();
    }
  }

  private Path keygen(String name) {
    Path file = folder.resolve(name);
    GitFixture.run(folder, "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", file.toString());
    return file;
  }

  private void knows(Path host) throws IOException {
    Files.writeString(
        knownHosts, "[127.0.0.1]:" + port + " " + Files.readString(Path.of(host + ".pub")));
  }

  private boolean answers() {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 500);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** Returns a free port below those that the kernel gives to clients, which would take it. */
  static int freePort() {
    while (true) {
      int port = ThreadLocalRandom.current().nextInt(10_000, 32_000);
      try (ServerSocket _ = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return port;
      } catch (IOException inUse) {
        // The next one may be free.
      }
    }
  }

  private PollResult poll(Path withKey) {
    return poll(SshIdentity.of(withKey));
  }

  private PollResult poll(SshIdentity identity) {
    String url = "ssh://" + System.getProperty("user.name") + "@127.0.0.1:" + port + git.remote;
    RemoteAccess access =
        new RemoteAccess(
            "git",
            Optional.empty(),
            identity,
            Optional.of(knownHosts),
            List.of(),
            Duration.ofSeconds(20),
            Duration.ofSeconds(60));
    GitSettings settings = TestSettings.of(url, "main", access, folder.resolve("state/ssh.git"));
    try (GitSource source = new GitSource(settings, InstantSource.system())) {
      return source.poll(source.servedCopy(), false);
    }
  }

  private static InstanceReason reason(PollResult result) {
    assertThat(result).isInstanceOf(PollResult.Unreachable.class);
    return ((PollResult.Unreachable) result).reason();
  }

  @Test
  void aKeyAndAKnownHostAuthenticateTheServer() {
    assertThat(poll(key)).isInstanceOf(PollResult.Moved.class);
  }

  @Test
  void anEncryptedKeyNeedsTheFileWithItsPassphrase() throws IOException {
    GitFixture.run(
        folder, "ssh-keygen", "-q", "-p", "-P", "", "-N", "open sesame", "-f", key.toString());
    Path passphrase = Files.writeString(folder.resolve("passphrase"), "open sesame\n");
    assertThat(poll(encrypted(passphrase))).isInstanceOf(PollResult.Moved.class);

    assertThat(reason(poll(key))).isEqualTo(InstanceReason.AUTHENTICATION_FAILED);
  }

  private SshIdentity encrypted(Path passphrase) {
    return new SshIdentity(Optional.of(key), Optional.of(passphrase), Optional.empty());
  }

  @Test
  void anAgentAuthenticatesWithoutAKeyFile() throws IOException {
    Path socket = folder.resolve("agent.sock");
    Process agent =
        new ProcessBuilder("ssh-agent", "-D", "-a", socket.toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("agent.log").toFile())
            .start();
    SshIdentity identity = new SshIdentity(Optional.empty(), Optional.empty(), Optional.of(socket));
    try {
      await().atMost(Duration.ofSeconds(10)).until(() -> Files.exists(socket));
      assertThat(reason(poll(identity)))
          .as("an agent without keys")
          .isEqualTo(InstanceReason.AUTHENTICATION_FAILED);
      GitFixture.run(folder, "env", "SSH_AUTH_SOCK=" + socket, "ssh-add", "-q", key.toString());
      assertThat(poll(identity)).isInstanceOf(PollResult.Moved.class);
    } finally {
      agent.destroy();
    }
    assertThat(reason(poll(identity)))
        .as("an agent that has ended")
        .isEqualTo(InstanceReason.AUTHENTICATION_FAILED);
  }

  @Test
  void aHostWithAnotherKeyIsRefusedAndKnownHostsIsUnchanged() throws IOException {
    knows(keygen("imposter"));
    String before = Files.readString(knownHosts);
    assertThat(reason(poll(key))).isEqualTo(InstanceReason.HOST_KEY_REFUSED);
    assertThat(knownHosts).hasContent(before);
  }

  @Test
  void anUnknownHostIsRefusedAndNotAddedToKnownHosts() throws IOException {
    Files.writeString(knownHosts, "");
    assertThat(reason(poll(key))).isEqualTo(InstanceReason.HOST_KEY_REFUSED);
    assertThat(knownHosts).isEmptyFile();
  }

  @Test
  void aStrangersKeyIsAnAuthenticationFailure() {
    assertThat(reason(poll(keygen("stranger")))).isEqualTo(InstanceReason.AUTHENTICATION_FAILED);
  }

  @Test
  void sshWithoutAKeyOrKnownHostsIsRefusedAtStart() {
    GitSettings settings =
        TestSettings.of("ssh://git@127.0.0.1/x.git", "main", folder.resolve("state/none.git"));
    assertThatThrownBy(() -> new GitSource(settings, InstantSource.system()))
        .isInstanceOf(SourceException.class)
        .hasMessageContaining("sshKeyFile");
  }
}
