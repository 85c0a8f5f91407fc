package io.dropserver.reconciler.approval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dropserver.egress.Destination;
import io.dropserver.reconciler.approval.ApprovalRequest.State;
import io.dropserver.reconciler.converge.Backoff;
import io.dropserver.reconciler.source.GitSettings;
import io.dropserver.reconciler.source.GitSource;
import io.dropserver.reconciler.source.PollResult;
import io.dropserver.reconciler.source.PushStyle;
import io.dropserver.reconciler.source.RemoteAccess;
import io.dropserver.reconciler.source.TestSettings;
import io.dropserver.reconciler.source.Verification;
import io.dropserver.reconciler.source.WriteException;
import io.dropserver.reconciler.source.WriteRemote;
import io.dropserver.schema.read.InstanceReader;
import io.dropserver.schema.read.ReadOptions;
import io.dropserver.state.StateDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The server's own commits, for an instance that serves signed commits only. */
@Tag("slow")
class SignedWriteBackTest {
  private static final Clock CLOCK = Clock.systemUTC();

  @TempDir Path folder;
  private ConfigRepo repo;
  private Path key;

  @BeforeEach
  void open() throws IOException, InterruptedException {
    repo = new ConfigRepo(folder).instance("  approvals: {mode: commit}\n", "garden");
    repo.push("Begin");
    key = key("key", "");
  }

  private Path key(String name, String passphrase) throws IOException, InterruptedException {
    Path file = folder.resolve(name);
    Process process =
        new ProcessBuilder(
                "ssh-keygen", "-q", "-t", "ed25519", "-C", "x", "-N", passphrase, "-f", "" + file)
            .inheritIO()
            .start();
    assertThat(process.waitFor()).isZero();
    return file;
  }

  private Verification signedBy(Path key) throws IOException {
    Path allowed = folder.resolve("allowed");
    Files.writeString(allowed, "dropserver " + Files.readString(Path.of(key + ".pub")));
    return new Verification.Signed(Optional.of(allowed), Optional.empty(), Optional.empty());
  }

  /** Makes one request, writes it back and returns the result. */
  private ApprovalRequest askWith(Optional<Path> signingKey) throws IOException {
    return askWith(signingKey, repo.settings());
  }

  private ApprovalRequest askWith(Optional<Path> signingKey, GitSettings settings)
      throws IOException {
    InstanceReader reader = new InstanceReader();
    Path state = Files.createTempDirectory(folder, "state").resolve("state.db");
    try (StateDatabase database = StateDatabase.open(state, CLOCK);
        GitSource source = new GitSource(settings, CLOCK);
        WriteRemote remote =
            new WriteRemote(
                source,
                settings,
                RemoteAccess.anonymous(),
                PushStyle.BRANCHES,
                signingKey,
                CLOCK)) {
      ApprovalRequestRegistry registry = new ApprovalRequestRegistry(database, CLOCK);
      CommitWriter commitWriter =
          new CommitWriter(
              remote, new WhitelistEdit(reader, ReadOptions.WHOLE_REPOSITORY), CLOCK, true);
      registry.recordRequest(
          "garden",
          Destination.parse("https://api.example.org/"),
          Set.of("GET"),
          Optional.of("the forecast"));
      Backoff backoff = new Backoff(() -> 0.5);
      new WriteBack(registry, remote, commitWriter, Optional.empty(), backoff, CLOCK).runRound();
      return registry.list().getFirst();
    }
  }

  @Test
  void serverCommitsAreSignedAndAccepted() throws IOException {
    Verification verification = signedBy(key);
    Files.delete(Path.of(key + ".pub"));
    assertThat(askWith(Optional.of(key)).state()).isEqualTo(State.OPEN);

    assertThat(repo.show("main:appspaces/garden-egress.yaml")).contains("pending:");
    ConfigRepo.git(
        repo.remote,
        "-c",
        "gpg.format=ssh",
        "-c",
        "gpg.ssh.allowedSignersFile=" + folder.resolve("allowed"),
        "verify-commit",
        "main");
    try (GitSource source =
        new GitSource(TestSettings.withVerification(repo.settings(), verification), CLOCK)) {
      assertThat(source.poll(Optional.empty(), false)).isInstanceOf(PollResult.Moved.class);
    }
  }

  /**
   * Otherwise, a push of the server's commit to the followed branch would put the head in service.
   */
  @Test
  void nothingIsSignedOnTopOfAnUnsignedHead() throws IOException {
    GitSettings settings = TestSettings.withVerification(repo.settings(), signedBy(key));
    try (GitSource source = new GitSource(settings, CLOCK);
        WriteRemote remote =
            new WriteRemote(
                source,
                settings,
                RemoteAccess.anonymous(),
                PushStyle.BRANCHES,
                Optional.of(key),
                CLOCK)) {
      assertThatThrownBy(() -> remote.readHeads("dropserver/"))
          .isInstanceOf(WriteException.class)
          .hasMessageContaining("is not trusted: it is not signed; nothing is written on top");
    }
  }

  /** Such a commit on the followed branch would block all later ones. */
  @Test
  void aSigningKeyThatIsNotAllowedBlocksCommits() throws Exception {
    String head =
        ConfigRepo.git(
            repo.remote,
            "-c",
            "gpg.format=ssh",
            "-c",
            "user.signingkey=" + key,
            "commit-tree",
            "-S",
            "-p",
            "main",
            "-m",
            "Signed",
            "main^{tree}");
    ConfigRepo.git(repo.remote, "update-ref", "refs/heads/main", head);
    GitSettings settings = TestSettings.withVerification(repo.settings(), signedBy(key));
    Path stranger = key("stranger", "");
    assertThatThrownBy(() -> askWith(Optional.of(stranger), settings))
        .isInstanceOf(WriteBackBlockedException.class)
        .hasMessageContainingAll("would not serve its own commit", "allowedSignersFile");
    assertThat(repo.head()).isEqualTo(head);
    assertThat(askWith(Optional.of(key), settings).state()).isEqualTo(State.OPEN);
    assertThat(repo.head()).isNotEqualTo(head);
  }

  @Test
  void aMissingSigningKeyBlocksCommitsAndNamesTheRemedy() {
    String head = repo.head();
    assertThatThrownBy(() -> askWith(Optional.empty()))
        .isInstanceOf(WriteBackBlockedException.class)
        .hasMessageContainingAll("repo.write.signingKeyFile", "allowedSignersFile");
    assertThat(repo.head()).isEqualTo(head);
  }

  @Test
  void anUnusableSigningKeyBlocksCommitsAndIsReported() throws Exception {
    String head = repo.head();
    Path locked = key("locked", "five little words");
    Files.delete(Path.of(locked + ".pub"));
    assertThat(askWith(Optional.of(locked)).failure().orElseThrow().message())
        .contains("cannot sign with " + locked, "without a passphrase");
    Path torn = Files.writeString(folder.resolve("torn"), "-----BEGIN OPENSSH PRIVATE KEY-----\n");
    assertThat(askWith(Optional.of(torn)).failure().orElseThrow().message())
        .contains("cannot sign with " + torn, "ssh-keygen");
    assertThat(repo.head()).isEqualTo(head);
  }
}
