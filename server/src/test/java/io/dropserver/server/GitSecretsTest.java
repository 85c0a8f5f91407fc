package io.dropserver.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dropserver.control.ControlException;
import io.dropserver.control.SecretState;
import io.dropserver.reconciler.secret.AppspaceSecrets;
import io.dropserver.reconciler.secret.GitSecrets;
import io.dropserver.reconciler.sops.AgeRecipients;
import io.dropserver.reconciler.sops.PlainSecret;
import io.dropserver.reconciler.sops.SecretFile;
import io.dropserver.reconciler.sops.SopsException;
import io.dropserver.testing.AgeKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Secrets in Git, from the commit to the gateway. */
class GitSecretsTest {
  private static final String VALUE = "s3cr3t-of-the-forecast";
  private static final String FILE = "secrets/weather.yaml";

  @TempDir Path folder;
  private final AgeKey key = AgeKey.create();
  private final FakeSource source = new FakeSource();
  private final TestServer.Store store = new TestServer.Store(source);
  private final SampleRepo repo = new SampleRepo();
  private TestServer server;

  @BeforeEach
  void serveTwoAppspaces() throws Exception {
    useKey(key);
    repo.appspace("garden")
        .appspace("other")
        .raw(
            "egress/garden.yaml",
            """
            apiVersion: dropserver.io/v1
            kind: EgressWhitelist
            metadata: {name: garden}
            spec:
              appspace: garden
              allow:
                - {url: "https://api.example.org/v1/", headers: {X-Key: "${secret:owm}"}}
            """);
    source.push(repo.files());
    server = new TestServer(folder, source, store).start();
  }

  @AfterEach
  void close() {
    server.close();
  }

  private void useKey(AgeKey used) throws IOException {
    Files.writeString(folder.resolve("test-age.key"), used.identity() + "\n");
  }

  private static String encrypted(String value, AgeKey recipient) throws SopsException {
    String plain =
        """
        apiVersion: dropserver.io/v1
        kind: Secret
        metadata: {name: weather}
        spec:
          secrets:
            garden:
              owm: "%s"
        """
            .formatted(value);
    return SecretFile.encrypt(
        PlainSecret.parse(FILE, plain.getBytes(StandardCharsets.UTF_8)),
        AgeRecipients.of(List.of(recipient.recipient())),
        Instant.parse("2026-11-30T10:00:00Z"));
  }

  private String sync() {
    source.push(repo.files());
    return server.sync().message();
  }

  private Optional<String> value(String appspace) {
    return server.stores.secrets().find(appspace, "owm");
  }

  @Test
  void aSecretInGitReachesTheGatewayForItsAppspaceOnly() throws Exception {
    repo.raw(FILE, encrypted(VALUE, key));
    assertThat(sync()).startsWith("serving");
    assertThat(value("garden")).contains(VALUE);
    assertThat(value("other")).isEmpty();
    assertThat(server.condition("garden", "SecretMissing")).isEmpty();
    var status = server.reconciliation.secrets().secrets(Optional.of("garden")).getFirst();
    assertThat(status.state()).isEqualTo(SecretState.DECLARED);
    assertThat(status.usedBy()).containsExactly("https://api.example.org/v1/");
    server.close();
    server = new TestServer(folder, source, store).start();
    assertThat(value("garden")).contains(VALUE);
  }

  @Test
  void aSecretThatIsRemovedFromGitIsGone() throws Exception {
    repo.raw(FILE, encrypted(VALUE, key));
    sync();
    repo.remove(FILE);
    assertThat(sync()).startsWith("serving");
    assertThat(value("garden")).isEmpty();
    assertThat(server.condition("garden", "SecretMissing")).isPresent();
  }

  @Test
  void aFileThatCannotBeDecryptedRefusesTheRevisionUntilTheKeyIsThere() throws Exception {
    repo.raw(FILE, encrypted(VALUE, key));
    sync();
    AgeKey next = AgeKey.create();
    repo.raw(FILE, encrypted(VALUE + "-2", next));
    assertThat(sync())
        .contains(FILE + ":")
        .contains("encrypted for other age keys")
        .contains("dropserver secret rotate");
    assertThat(server.condition("RevisionRefused").orElseThrow().reason())
        .isEqualTo("SecretsUnusable");
    assertThat(value("garden")).contains(VALUE); // the last good revision stays in service
    Files.writeString(
        folder.resolve("test-age.key"), key.identity() + "\n" + next.identity() + "\n");
    assertThat(server.sync().message()).startsWith("serving");
    assertThat(value("garden")).contains(VALUE + "-2");
  }

  @Test
  void aServerWithoutAKeyRefusesTheRevision() throws Exception {
    Files.delete(folder.resolve("test-age.key"));
    repo.raw(FILE, encrypted(VALUE, key));
    assertThat(sync()).contains(FILE + ":").contains("the key file cannot be read");
  }

  @Test
  void aRestartWithoutTheKeyServesEverythingButTheSecrets() throws Exception {
    repo.raw(FILE, encrypted(VALUE, key));
    sync();
    server.close();
    Files.delete(folder.resolve("test-age.key"));
    server = new TestServer(folder, source, store).start();
    assertThat(server.hasSite("garden")).isTrue();
    assertThat(value("garden")).isEmpty();
    assertThat(server.condition("garden", "SecretMissing").orElseThrow().message())
        .contains(FILE + ":")
        .contains("test-age.key");
  }

  @Test
  void anAttackerWhoMovesAValueToAnotherAppspaceIsRefused() throws Exception {
    repo.raw(FILE, encrypted(VALUE, key).replace("        garden:", "        other:"));
    assertThat(sync()).contains(FILE + ":8:18: error: spec.secrets.other.owm cannot be decrypted");
    assertThat(value("other")).isEmpty();
  }

  @Test
  void aNameThatIsSetOnTheServerAsWellIsRefusedNamingBothPlaces() throws Exception {
    sync();
    server.reconciliation.secrets().set("garden", "owm", VALUE + "-on-the-server");
    repo.raw(FILE, encrypted(VALUE, key));
    assertThat(sync())
        .isEqualTo(
            FILE
                + ":8:18: error: the secret owm of garden is here and was also set on the server"
                + " (remove this line, or run: dropserver secret remove garden owm)");
    assertThat(value("garden")).contains(VALUE + "-on-the-server");
    server.reconciliation.secrets().remove("garden", "owm");
    assertThat(server.sync().message()).startsWith("serving");
    assertThat(value("garden")).contains(VALUE);
    assertThatThrownBy(() -> server.reconciliation.secrets().set("garden", "owm", VALUE))
        .isInstanceOf(ControlException.class)
        .hasMessageContaining("is in the repository, at " + FILE + ":8:18");
    assertThatThrownBy(() -> server.reconciliation.secrets().remove("garden", "owm"))
        .hasMessageContaining("remove it at " + FILE + ":8:18");
  }

  @Test
  void aSecretThatWasSetForAnotherOwnerStillConflicts() throws Exception {
    sync();
    server.reconciliation.secrets().set("garden", "owm", VALUE + "-on-the-server");
    repo.appspaceOf("garden", "hello", "1.0.0", "bob").raw(FILE, encrypted(VALUE, key));
    assertThat(sync()).contains("was also set on the server");
  }

  @Test
  void aValueThatAHeaderCannotContainIsRefusedWithoutBeingRepeated() throws Exception {
    repo.raw(FILE, encryptedUnchecked("s3cr3t\nX-Evil: 1"));
    assertThat(sync()).contains("a secret is one line of plain ASCII").doesNotContain("s3cr3t");
  }

  /** Another program than Dropserver can encrypt any text. */
  private String encryptedUnchecked(String value) throws SopsException {
    var secrets = new java.util.LinkedHashMap<String, java.util.SequencedMap<String, String>>();
    secrets.put("garden", new java.util.LinkedHashMap<>(java.util.Map.of("owm", value)));
    return SecretFile.encrypt(
        new PlainSecret("", "weather", new java.util.LinkedHashMap<>(), secrets),
        AgeRecipients.of(List.of(key.recipient())),
        Instant.parse("2026-11-30T10:00:00Z"));
  }

  @Test
  void theValueIsNowhereButInMemory() throws Exception {
    repo.raw(FILE, encrypted(VALUE, key));
    sync();
    repo.raw(FILE, encrypted(VALUE + "-2", key));
    sync();
    value("garden");
    repo.raw(FILE, encrypted(VALUE, AgeKey.create()));
    sync();
    var view = server.reconciliation.view();
    assertThat(view.events(1000).toString() + server.condition("RevisionRefused"))
        .contains("weather")
        .doesNotContain(VALUE);
    server.close();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        assertThat(Files.readString(file, StandardCharsets.ISO_8859_1))
            .as("%s", file)
            .doesNotContain(VALUE);
      }
    }
  }

  @Test
  void theAppliedStateOfEqualValuesDiffers() throws Exception {
    // Otherwise a fingerprint in the database would confirm a guess of the value.
    repo.raw(FILE, encrypted(VALUE, key));
    sync();
    var before = server.stores.records().states().sorted().toString();
    repo.raw(FILE, encrypted(VALUE, key));
    sync();
    assertThat(server.stores.records().states().sorted().toString()).isNotEqualTo(before);
  }

  @Test
  void aKeyFileThatWasMissingAtALaterDateIsReadAgainWhenTheDateIsCorrected() throws Exception {
    repo.raw(FILE, encrypted(VALUE, key));
    sync();
    Instant date = Instant.now();
    AtomicReference<Instant> now = new AtomicReference<>(date.plus(Duration.ofDays(3650)));
    Path file = folder.resolve("test-age.key");
    Files.delete(file);
    AppspaceSecrets secrets =
        new AppspaceSecrets(
            new GitSecrets(server.stores.declared(), Optional.of(file), now::get),
            server.stores.secrets().stored());
    assertThat(secrets.find("garden", "owm")).isEmpty();
    useKey(key);
    assertThat(secrets.find("garden", "owm")).as("a moment ago").isEmpty();
    now.set(date);
    assertThat(secrets.find("garden", "owm")).contains(VALUE);
  }
}
