package io.dropserver.reconciler.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.state.AtomicFiles;
import io.dropserver.state.condition.InstanceReason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("slow")
class SignatureCheckTest {
  @TempDir Path folder;
  private GitFixture git;
  private Path allowed;

  @BeforeEach
  void makeRemote() {
    git = new GitFixture(folder);
    git.write("a.yaml", "a: 1\n");
    allowed = folder.resolve("allowed_signers");
  }

  private Path key(String name, String... options) {
    Path key = folder.resolve(name);
    String[] command = new String[options.length + 7];
    System.arraycopy(
        new String[] {"ssh-keygen", "-q", "-N", "", "-f", key.toString(), "-Ctest"},
        0,
        command,
        0,
        7);
    System.arraycopy(options, 0, command, 7, options.length);
    GitFixture.run(folder, command);
    return key;
  }

  private void allow(Path key, String options) throws IOException {
    String publicKey = Files.readString(Path.of(key + ".pub"));
    Files.writeString(allowed, "alice@example.org " + options + " " + publicKey);
  }

  private void signWith(Path key) {
    git.git("config", "gpg.format", "ssh");
    git.git("config", "user.signingkey", key.toString());
    git.commit("signed", "-S");
    pushHead();
  }

  private void pushHead() {
    git.git("push", "-q", "--force", "origin", "HEAD:main");
  }

  private PollResult poll(Verification verification) {
    GitSettings settings = TestSettings.withVerification(git.settings(), verification);
    try (GitSource source = new GitSource(settings, InstantSource.system())) {
      return source.poll(source.servedCopy(), false);
    }
  }

  private Verification ssh() {
    return new Verification.Signed(Optional.of(allowed), Optional.empty(), Optional.empty());
  }

  private static String refused(PollResult result) {
    assertThat(result).isInstanceOf(PollResult.Refused.class);
    PollResult.Refused refused = (PollResult.Refused) result;
    assertThat(refused.reason()).isEqualTo(InstanceReason.SIGNATURE_INVALID);
    assertThat(refused.remedy()).contains("sign it");
    return refused.message();
  }

  @ParameterizedTest
  @ValueSource(strings = {"ed25519", "rsa", "ecdsa"})
  void aHeadSignedByAnAllowedSshKeyIsHandedOver(String type) throws IOException {
    Path key = key("key", "-t", type);
    allow(key, "namespaces=\"git\"");
    signWith(key);
    assertThat(poll(ssh())).isInstanceOf(PollResult.Moved.class);
  }

  @Test
  void anUnsignedHeadAndOneOfAnotherKeyAreRefused() throws IOException {
    Path mine = key("mine", "-t", "ed25519");
    Path other = key("other", "-t", "ed25519");
    allow(mine, "");
    git.commit("unsigned");
    pushHead();
    assertThat(refused(poll(ssh()))).contains("not signed");
    signWith(other);
    assertThat(refused(poll(ssh()))).contains("SSH signature is refused");
  }

  @Test
  void aTamperedCommitIsRefused() throws IOException {
    Path key = key("key", "-t", "ed25519");
    allow(key, "");
    signWith(key);
    String raw = git.git("cat-file", "commit", "HEAD").replace("Alice <", "Alicf <");
    Files.writeString(folder.resolve("forged"), raw + "\n", StandardCharsets.UTF_8);
    String forged =
        git.git("hash-object", "-t", "commit", "-w", folder.resolve("forged").toString());
    git.git("update-ref", "refs/heads/main", forged);
    pushHead();
    assertThat(refused(poll(ssh()))).contains("SSH signature is refused");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "valid-before=\"20200101\"",
        "valid-after=\"20990101\"",
        "namespaces=\"file\"",
        "cert-authority"
      })
  void aKeyThatIsNotValidForThisCommitIsRefused(String options) throws IOException {
    Path key = key("key", "-t", "ed25519");
    allow(key, options);
    signWith(key);
    refused(poll(ssh()));
  }

  @Test
  void aRevokedKeyIsRefused() throws IOException {
    Path key = key("key", "-t", "ed25519");
    allow(key, "");
    signWith(key);
    Path revoked = folder.resolve("revoked");
    Files.copy(Path.of(key + ".pub"), revoked);
    refused(
        poll(
            new Verification.Signed(Optional.of(allowed), Optional.of(revoked), Optional.empty())));
  }

  @Test
  void aMissingOrInvalidKeyFileRefusesEveryHead() throws IOException {
    Path key = key("key", "-t", "ed25519");
    signWith(key);
    refused(poll(ssh()));
    Files.writeString(allowed, "!!! not a key\n");
    assertThat(refused(poll(ssh()))).contains(allowed.toString());
  }

  @Test
  void aRefusedHeadLeavesTheServedOneInService() throws IOException {
    Path key = key("key", "-t", "ed25519");
    allow(key, "");
    signWith(key);
    GitSettings settings = TestSettings.withVerification(git.settings(), ssh());
    try (GitSource source = new GitSource(settings, InstantSource.system())) {
      String good = ((PollResult.Moved) source.poll(source.servedCopy(), false)).revision().id();
      source.markServed(good);
      git.write("a.yaml", "a: 2\n");
      String bad = git.commit("unsigned", "--no-gpg-sign");
      pushHead();
      refused(source.poll(source.servedCopy(), false));
      source.accept(bad);
      // Accepting is for rewritten history; it does not replace a signature.
      refused(source.poll(source.servedCopy(), true));
      assertThat(source.servedCopy().flatMap(source::find).orElseThrow().revision().id())
          .isEqualTo(good);
    }
  }

  @Test
  void gpgSignaturesCountByTheKeyFileAlone() throws IOException {
    Path home = Files.createDirectory(Path.of("/tmp").resolve("gpg-" + System.nanoTime()));
    try {
      Path alice = gpgKey(home, "alice@example.org");
      Path bob = gpgKey(home, "bob@example.org");
      git.git("config", "gpg.program", wrapper(home).toString());
      git.git("config", "user.signingkey", "alice@example.org");
      git.commit("signed", "-S");
      pushHead();
      assertThat(poll(gpg(alice))).isInstanceOf(PollResult.Moved.class);
      assertThat(refused(poll(gpg(bob)))).contains("is not in");

      String raw = git.git("cat-file", "commit", "HEAD").replace("Alice <", "Alicf <");
      Files.writeString(folder.resolve("forged"), raw + "\n", StandardCharsets.UTF_8);
      String forged =
          git.git("hash-object", "-t", "commit", "-w", folder.resolve("forged").toString());
      git.git("update-ref", "refs/heads/main", forged);
      pushHead();
      assertThat(refused(poll(gpg(alice)))).contains("did not sign this content");
    } finally {
      GitFixture.run(folder, "gpgconf", "--homedir", home.toString(), "--kill", "all");
      AtomicFiles.deleteTree(home);
    }
  }

  private static Verification gpg(Path keys) {
    return new Verification.Signed(Optional.empty(), Optional.empty(), Optional.of(keys));
  }

  private Path gpgKey(Path home, String address) {
    String[] gpg = {"gpg", "--homedir", home.toString(), "--batch", "--yes", "-q"};
    run(gpg, "--passphrase", "", "--quick-gen-key", address, "ed25519", "sign", "never");
    Path file = folder.resolve(address + ".asc");
    run(gpg, "--armor", "--output", file.toString(), "--export", address);
    return file;
  }

  private void run(String[] command, String... rest) {
    String[] all = java.util.Arrays.copyOf(command, command.length + rest.length);
    System.arraycopy(rest, 0, all, command.length, rest.length);
    GitFixture.run(folder, all);
  }

  private Path wrapper(Path home) throws IOException {
    Path script = folder.resolve("gpg-here");
    Files.writeString(script, "#!/bin/sh\nexec gpg --homedir " + home + " \"$@\"\n");
    assertThat(script.toFile().setExecutable(true)).isTrue();
    return script;
  }
}
