package io.dropserver.schema.read;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.schema.instance.Problem;
import io.dropserver.schema.instance.Secret;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The form of documents of kind Secret, which is checked without a key. */
class SecretDocumentTest {
  private static final InstanceReader READER = new InstanceReader();
  private static final String ENC =
      "ENC[AES256_GCM,data:qO7UFwBUSNtg3vpLMg==,iv:HqgcRaSntWOk73n4hlMZk9RJkI9XCR9rp0pxIL+ui8s=,"
          + "tag:PD0CrsP6XJP+qzs6WhsLsg==,type:str]";
  private static final String SECRET =
      """
      apiVersion: dropserver.io/v1
      kind: Secret
      metadata: {name: weather}
      spec:
        secrets:
          garden:
            owm: %s
      sops:
        age: [{enc: "-----BEGIN AGE ENCRYPTED FILE-----", recipient: age1}]
        encrypted_regex: ^secrets$
        lastmodified: "2026-11-29T10:34:56Z"
        mac: %s
      """
          .formatted(ENC, ENC);

  private static ReadResult read(String... secrets) throws IOException {
    MapTree tree =
        new MapTree()
            .with("instance.yaml", doc("Instance", "home", "{domain: example.org}"))
            .with("users/bob.yaml", doc("User", "bob", "{}"))
            .with(
                "apps/a.yaml",
                doc("App", "a", "{versions: [{version: 1.0.0, source: {path: apps/a}}]}"))
            .with(
                "apps/a/dropapp.json",
                "{\"name\": \"a\", \"version\": \"1.0.0\", \"entrypoint\": \"main.ts\"}")
            .with("apps/a/main.ts", "")
            .with(
                "appspaces/garden.yaml",
                doc("Appspace", "garden", "{owner: bob, app: {name: a, version: 1.0.0}}"));
    for (int i = 0; i < secrets.length; i++) {
      tree = tree.with("secrets/" + i + ".yaml", secrets[i]);
    }
    return READER.read(tree, ReadOptions.WHOLE_REPOSITORY);
  }

  private static String doc(String kind, String name, String spec) {
    return "apiVersion: dropserver.io/v1\nkind: %s\nmetadata: {name: %s}\nspec: %s\n"
        .formatted(kind, name, spec);
  }

  private static List<String> problems(String... secrets) throws IOException {
    return read(secrets).problems().stream().map(Problem::toString).toList();
  }

  @Test
  void aSecretIsReadWithoutAKey() throws IOException {
    ReadResult result = read(SECRET);
    assertThat(result.problems()).isEmpty();
    Secret secret =
        Objects.requireNonNull(result.instance().orElseThrow().secrets().get("weather"));
    Secret.EncryptedSecret entry =
        Objects.requireNonNull(Objects.requireNonNull(secret.secrets().get("garden")).get("owm"));
    assertThat(entry.location()).hasToString("secrets/0.yaml:7:12");
    assertThat(entry.digest()).hasSize(12);
  }

  /** Someone commits a value in clear text, or something that the parser complains about. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "s3cret-value",
        "12345678",
        "'!s3cret-tag x'",
        "'*s3cret-alias'",
        "'&s3cret-anchor x'",
        "'{s3cret: s3cret}'",
        "'[s3cret-value]'",
        "'\"\"'",
        "'null'",
      })
  void aValueThatIsNotEncryptedIsNotRepeated(String value) throws IOException {
    List<String> problems = problems(SECRET.replaceFirst("owm: ENC.*", "owm: " + value));
    assertThat(problems)
        .isNotEmpty()
        .allSatisfy(problem -> assertThat(problem).startsWith("secrets/0.yaml:7:"));
    assertThat(problems.toString()).doesNotContain("s3cret").doesNotContain("12345678");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {
        "iv:Hqgc~iv:HqgcHqgc~this value is not a valid owm",
        "tag:PD0CrsP6XJP+qzs6WhsLsg==~tag:PD0CrsP6XJP+qzs6~this value is not a valid owm",
        "type:str~type:int~this value is not a valid owm",
        "type:str]~type:str]text~this value is not a valid owm",
        "    garden:~    Garden:~`Garden` is not the name of an appspace",
        "    garden:~    gardn:~there is no Appspace `gardn`",
        "      owm:~      o.w.m:~`o.w.m` is not the name of a secret",
        "^secrets$~^owm$~must encrypt all of spec.secrets, and nothing else",
        "^secrets$~^(secrets|kind)$~must encrypt all of spec.secrets, and nothing else",
        "^secrets$~^(s+)+$~sops.encrypted_regex is too complex",
        "encrypted_regex: ^secrets$~encrypted_suffix: m~must encrypt all of spec.secrets",
        "encrypted_regex:~unencrypted_suffix: x%n  encrypted_regex:~more than one rule",
        "encrypted_regex:~key_groups: []%n  encrypted_regex:~sops.key_groups is not supported",
        "sops:~extra: 1%nsops:~unknown key `extra`",
      })
  void aMalformedSecretIsRefused(String before, String after, String message) throws IOException {
    String text =
        SECRET.replaceFirst(
            java.util.regex.Pattern.quote(before),
            java.util.regex.Matcher.quoteReplacement(after.replace("%n", "\n")));
    assertThat(text).isNotEqualTo(SECRET);
    assertThat(problems(text)).anySatisfy(problem -> assertThat(problem).contains(message));
  }

  @Test
  void aSecretIsAloneInItsFile() throws IOException {
    assertThat(problems(SECRET + "---\n" + doc("User", "eve", "{}")))
        .anySatisfy(problem -> assertThat(problem).contains("must be alone in its file"));
    assertThat(problems(doc("User", "eve", "{}") + "---\n" + SECRET))
        .anySatisfy(problem -> assertThat(problem).contains("must be alone in its file"));
  }

  @Test
  void aSecretWithTwoValuesIsRefusedNamingBoth() throws IOException {
    assertThat(problems(SECRET, SECRET.replace("name: weather", "name: second")))
        .containsExactly(
            "secrets/1.yaml:7:12: error: the secret owm of appspace garden has two values (the"
                + " other is at secrets/0.yaml:7:12; remove one)");
  }

  @Test
  void aFileOfWhichEverythingIsEncryptedGetsAHint() throws IOException {
    assertThat(problems(SECRET.replace("kind: Secret", "kind: " + ENC)))
        .anySatisfy(problem -> assertThat(problem).contains("--encrypted-regex '^secrets$'"));
  }

  @Test
  void theNumberOfSecretsIsBounded() throws IOException {
    String[] many = new String[201];
    for (int i = 0; i < many.length; i++) {
      many[i] = SECRET.replace("name: weather", "name: w" + i).replace("owm:", "owm" + i + ":");
    }
    assertThat(problems(many))
        .containsExactly(
            "secrets/99.yaml:3:18: error: there are more than 200 documents of kind Secret (put"
                + " the secrets of several appspaces into one document)");
  }
}
