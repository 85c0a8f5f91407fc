package io.dropserver.reconciler.sops;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dropserver.schema.document.SchemaExport;
import io.dropserver.testing.AgeKey;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecretFileTest {
  private static final Instant NOW = Instant.parse("2026-11-30T10:11:12.345Z");
  private static final String PLAIN =
      """
      # yaml-language-server: $schema=../dropserver.schema.json
      apiVersion: dropserver.io/v1
      kind: Secret
      metadata: {name: weather}
      spec:
        secrets:
          cat:
            owm: "s3cret of the cat \\"quoted\\" \\\\ #:"
            "123": s3cret-second
          "2024-05-06":
            owm: s3cret-of-the-date
      """;

  private final AgeKey key = AgeKey.create();

  private static PlainSecret plain() throws SopsException {
    return PlainSecret.parse("weather.yaml", PLAIN.getBytes(UTF_8));
  }

  private String encrypted() throws SopsException {
    return SecretFile.encrypt(plain(), AgeRecipients.of(List.of(key.recipient())), NOW);
  }

  private static Map<String, ? extends Map<String, String>> decrypt(String text, AgeKey with)
      throws SopsException {
    return SecretFile.decrypt(
        "weather.yaml", text.getBytes(UTF_8), AgeIdentities.parse("key", with.identity()));
  }

  @Test
  void aSecondReaderReadsWhatIsWritten() throws Exception {
    Map<String, Object> read = SecondReader.decrypt(encrypted(), key.pair());
    assertThat(read)
        .isEqualTo(
            Map.of(
                "apiVersion",
                "dropserver.io/v1",
                "kind",
                "Secret",
                "metadata",
                Map.of("name", "weather"),
                "spec",
                Map.of(
                    "secrets",
                    Map.of(
                        "cat",
                        Map.of(
                            "owm", "s3cret of the cat \"quoted\" \\ #:",
                            "123", "s3cret-second"),
                        "2024-05-06",
                        Map.of("owm", "s3cret-of-the-date")))));
  }

  /** Otherwise the judgement of the second reader would say nothing about real sops. */
  @Test
  void theSecondReaderAgreesWithRealSops() throws Exception {
    KeyPair real = AgeKey.pairOf(Vectors.text("server.agekey").lines().toList().getLast());
    assertThat(SecondReader.decrypt(Vectors.text("values-two.yaml"), real).toString())
        .contains("NUMBER=42", "LIST=[a, b]");
    for (String bad :
        List.of(
            "bad-value-swapped.yaml",
            "bad-key-renamed.yaml",
            "bad-keys-reordered.yaml",
            "bad-unencrypted-edited.yaml",
            "bad-lastmodified-changed.yaml",
            "bad-mac-altered.yaml")) {
      assertThatThrownBy(() -> SecondReader.decrypt(Vectors.text(bad), real))
          .isInstanceOf(GeneralSecurityException.class);
    }
  }

  @Test
  void whatIsWrittenIsReadHere() throws SopsException {
    assertThat(decrypt(encrypted(), key)).isEqualTo(plain().secrets());
  }

  @Test
  void nothingOfTheValuesIsInTheFile() throws SopsException {
    assertThat(encrypted()).doesNotContain("s3cret").startsWith("# yaml-language-server");
  }

  @Test
  void theSameValueIsEncryptedToAnotherTextEachTime() throws SopsException {
    assertThat(values(encrypted())).doesNotContainAnyElementsOf(values(encrypted()));
  }

  private static List<String> values(String text) {
    return Pattern.compile("ENC\\[.*\\]").matcher(text).results().map(r -> r.group()).toList();
  }

  /** What a person without a key can do to a file: exchange, rename, move and copy. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "        cat:=>        dog:", // another appspace
        "        cat:=>        ca:", // a shorter name, with the rest in the secret's name
        "            owm: ENC=>            own: ENC", // another name
        "    name: weather=>    name: feather",
        "    name: weather=>    name: 1e999", // more than a double
        "kind: Secret=>kind: secret",
        "    secrets:=>    secret:",
        "spec:=>Spec:",
        "tag:=>tag:AAAA",
        "2026-11-30T10:11:12Z=>2026-11-30T10:11:13Z",
        "encrypted_regex: ^secrets$=>encrypted_regex: ^owm$",
        "encrypted_regex: ^secrets$=>encrypted_regex: ^spec$\n    mac_only_encrypted: true",
      })
  void aChangedFileIsRefused(String edit) throws SopsException {
    String[] sides = edit.split("=>", -1);
    String text = encrypted();
    assertThat(text).contains(sides[0]);
    String changed = text.replaceFirst(Pattern.quote(sides[0]), Matcher.quoteReplacement(sides[1]));
    assertThatThrownBy(() -> decrypt(changed, key))
        .isInstanceOf(SopsException.class)
        .hasMessageStartingWith("weather.yaml:")
        .hasMessageNotContaining("s3cret");
  }

  @Test
  void aValueThatIsCopiedToAnotherAppspaceIsRefused() throws SopsException {
    String text = encrypted();
    String value = values(text).getFirst();
    String copied =
        text.replace(
            "    secrets:\n", "    secrets:\n        dog:\n            owm: " + value + "\n");
    assertThatThrownBy(() -> decrypt(copied, key))
        .hasMessage(
            "weather.yaml:9:18: error: spec.secrets.dog.owm cannot be decrypted: it was changed,"
                + " moved or renamed (restore the line, or set the value with `dropserver secret"
                + " edit`; an encrypted value is valid only in its file and under its keys)");
  }

  @Test
  void valuesOfTwoAppspacesThatAreExchangedAreRefused() throws SopsException {
    String text = encrypted();
    List<String> values = values(text);
    String exchanged =
        text.replace(values.get(0), "@")
            .replace(values.get(2), values.get(0))
            .replace("@", values.get(2));
    assertThatThrownBy(() -> decrypt(exchanged, key))
        .hasMessageContaining("spec.secrets.cat.owm cannot be decrypted");
  }

  @Test
  void aValueOfAnotherFileIsRefused() throws SopsException {
    String text = encrypted();
    String other = encrypted();
    assertThatThrownBy(
            () -> decrypt(text.replace(values(text).getFirst(), values(other).getFirst()), key))
        .hasMessageContaining("spec.secrets.cat.owm cannot be decrypted");
  }

  @Test
  void everyRecipientAndNobodyElseCanDecrypt() throws SopsException {
    AgeKey second = AgeKey.create();
    AgeKey stranger = AgeKey.create();
    String text =
        SecretFile.encrypt(
            plain(), AgeRecipients.of(List.of(key.recipient(), second.recipient())), NOW);
    assertThat(decrypt(text, key)).isEqualTo(decrypt(text, second)).isNotEmpty();
    assertThatThrownBy(() -> decrypt(text, stranger))
        .hasMessageContaining("encrypted for other age keys")
        .hasMessageContaining("weather.yaml:");
  }

  @Test
  void aKeyFileWithTheOldAndTheNewKeyReadsBothGenerations() throws SopsException {
    AgeKey next = AgeKey.create();
    String rotated = SecretFile.encrypt(plain(), AgeRecipients.of(List.of(next.recipient())), NOW);
    AgeIdentities both = AgeIdentities.parse("key", next.identity() + "\n" + key.identity() + "\n");
    for (String text : List.of(encrypted(), rotated)) {
      assertThat(SecretFile.decrypt("f.yaml", text.getBytes(UTF_8), both)).hasSize(2);
    }
    assertThatThrownBy(() -> decrypt(rotated, key)).isInstanceOf(SopsException.class);
  }

  /** A recipient that was added by hand cannot read what is added later. */
  @Test
  void anEditDoesNotEncryptForARecipientThatWasAddedByHand() throws SopsException {
    AgeKey attacker = AgeKey.create();
    String forged =
        encrypted()
            .replace(
                "    encrypted_regex:",
                "        - enc: |\n"
                    + AgeRecipients.of(List.of(attacker.recipient()))
                        .encrypt(new byte[32])
                        .values()
                        .iterator()
                        .next()
                        .indent(12)
                    + "          recipient: "
                    + attacker.recipient()
                    + "\n    encrypted_regex:");
    SecretFile.EditableSecret edited =
        SecretFile.open(
            "weather.yaml", forged.getBytes(UTF_8), AgeIdentities.parse("key", key.identity()));
    String text = edited.with(edited.plain(), NOW);
    assertThat(text).contains(attacker.recipient());
    assertThat(decrypt(text, key)).hasSize(2);
    assertThatThrownBy(() -> decrypt(text, attacker)).isInstanceOf(SopsException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "s3cret-second=>12345678", // a number
        "s3cret-second=>short",
        "s3cret-second=>\"s3cret\\nof two lines\"",
        "s3cret-second=>!s3cret-tag",
        "s3cret-second=>*s3cret-alias",
        "s3cret-second=>[s3cret-list]",
        "s3cret-second=>s3cret-second # s3cret-comment",
        "kind: Secret=>kind: User",
        "metadata: {name: weather}=>metadata: {name: weather, labels: s3cret}",
        "metadata: {name: weather}=>metadata: {name: weather, labels: {a: s3cret value}}",
        "metadata: {name: weather}=>metadata: {name: weather, labels: {-s3cret: a}}",
        "metadata: {name: weather}=>metadata: {name: weather, labels: {secrets: a}}",
        "          cat:=>          Cat s3cret:",
        "apiVersion: dropserver.io/v1=>apiVersion: dropserver.io/v1\nother: s3cret-elsewhere",
      })
  void aDocumentThatCannotBeEncryptedIsRefusedWithItsLine(String edit) {
    String[] sides = edit.split("=>", -1);
    String text = PLAIN.replace(sides[0].strip(), sides[1].strip());
    assertThat(text).isNotEqualTo(PLAIN);
    assertThatThrownBy(() -> PlainSecret.parse("weather.yaml", text.getBytes(UTF_8)))
        .isInstanceOf(SopsException.class)
        .hasMessageMatching("(?s)weather.yaml:[0-9]+:[0-9]+: error: .*\\(.*\\)")
        .hasMessageNotContaining("s3cret");
  }

  @Test
  void labelsStayWithTheDocument() throws Exception {
    String labels = "{name: weather, labels: {team: family, example.org/x: \"\", old: \"true\"}}";
    byte[] text = PLAIN.replace("{name: weather}", labels).getBytes(UTF_8);
    PlainSecret plain = PlainSecret.parse("weather.yaml", text);
    assertThat(plain.labels())
        .containsExactly(
            Map.entry("team", "family"), Map.entry("example.org/x", ""), Map.entry("old", "true"));
    assertThat(PlainSecret.parse("f.yaml", SecretFile.text(plain))).isEqualTo(plain);
    String encrypted = SecretFile.encrypt(plain, AgeRecipients.of(List.of(key.recipient())), NOW);
    assertThat(SecondReader.decrypt(encrypted, key.pair()).toString())
        .contains("labels={team=family, example.org/x=, old=true}");
    SecretFile.EditableSecret opened =
        SecretFile.open(
            "weather.yaml", encrypted.getBytes(UTF_8), AgeIdentities.parse("key", key.identity()));
    assertThat(opened.plain()).isEqualTo(plain);
    assertThat(SecondReader.decrypt(opened.with(opened.plain(), NOW), key.pair()))
        .isEqualTo(SecondReader.decrypt(encrypted, key.pair()));
    String moved = encrypted.replace("family", "work");
    assertThatThrownBy(() -> decrypt(moved, key)).isInstanceOf(SopsException.class);
  }

  @Test
  void theTextForTheEditorIsReadAgain() throws SopsException {
    PlainSecret plain = plain();
    assertThat(PlainSecret.parse("f.yaml", SecretFile.text(plain))).isEqualTo(plain);
    assertThat(plain.toString()).doesNotContain("s3cret");
  }

  @Test
  void theFileFitsTheSchemaOfTheKind() throws SopsException {
    assertThat(SchemaExport.text("secret.schema.json")).contains("\"writeOnly\": true");
    assertThat(encrypted()).contains("    encrypted_regex: ^secrets$\n");
  }
}
