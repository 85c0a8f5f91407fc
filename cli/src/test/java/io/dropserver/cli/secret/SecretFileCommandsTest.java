package io.dropserver.cli.secret;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.cli.CommandRun;
import io.dropserver.cli.output.ExitCode;
import io.dropserver.testing.AgeKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code secret encrypt}, {@code edit} and {@code rotate}, with a real editor process. */
class SecretFileCommandsTest {
  private static final String PLAIN =
      """
      apiVersion: dropserver.io/v1
      kind: Secret
      metadata: {name: weather}
      spec: {secrets: {garden: {owm: "s3cret-one"}}}
      """;

  @TempDir Path folder;
  private final AgeKey key = AgeKey.create();
  private Path file;
  private Path keyFile;

  @BeforeEach
  void writeFiles() throws IOException {
    file = Files.writeString(folder.resolve("weather.yaml"), PLAIN);
    keyFile = Files.writeString(folder.resolve("age.key"), key.identity() + "\n");
  }

  private CommandRun run(String... arguments) {
    return CommandRun.with(Map.of(), arguments);
  }

  private CommandRun encrypt() {
    return run("secret", "encrypt", file.toString(), "--recipient", key.recipient());
  }

  /**
   * @param script commands of the shell; {@code $1} is the file in clear text
   */
  private CommandRun edit(String script, String... more) throws IOException {
    Path editor = Files.writeString(folder.resolve("editor"), "#!/bin/sh\nset -e\n" + script);
    Files.setPosixFilePermissions(editor, PosixFilePermissions.fromString("rwx------"));
    Map<String, String> environment = new HashMap<>();
    environment.put("EDITOR", editor.toString());
    environment.put("SOPS_AGE_KEY_FILE", keyFile.toString());
    return CommandRun.with(
        environment,
        Stream.concat(Stream.of("secret", "edit", file.toString()), Stream.of(more))
            .toArray(String[]::new));
  }

  private String shown() throws IOException {
    edit("cp \"$1\" " + folder + "/shown\n");
    return Files.readString(folder.resolve("shown"));
  }

  @Test
  void aFileIsEncryptedInPlaceAndShownToItsRecipient() throws IOException {
    CommandRun run = encrypt();
    assertThat(run.err()).isEmpty();
    assertThat(Files.readString(file)).contains("owm: ENC[AES256_GCM,").doesNotContain("s3cret");
    assertThat(shown()).contains("owm: \"s3cret-one\"");
    assertThat(encrypt().err()).contains("the file is encrypted already");
  }

  @Test
  void anEditIsEncryptedForTheSameRecipients() throws IOException {
    encrypt();
    CommandRun run = edit("sed -i 's/s3cret-one/s3cret-two/' \"$1\"\n");
    assertThat(run.out()).contains("encrypted").doesNotContain("s3cret");
    assertThat(Files.readString(file)).contains(key.recipient()).doesNotContain("s3cret");
    assertThat(shown()).contains("owm: \"s3cret-two\"");
  }

  @Test
  void anEditWithoutAChangeWritesNothing() throws IOException {
    encrypt();
    String before = Files.readString(file);
    assertThat(edit("true\n").out()).contains("nothing was changed");
    assertThat(edit("touch \"$1\"\n").out()).contains("nothing was changed");
    assertThat(Files.readString(file)).isEqualTo(before);
  }

  @Test
  void aMistakeIsShownInTheEditorAndNothingIsLost() throws IOException {
    encrypt();
    CommandRun run =
        edit(
            """
            if grep -q '# not encrypted yet: ' "$1"; then
              cp "$1" %s/second
              sed -i 's/short/s3cret-long/' "$1"
            else
              sed -i 's/s3cret-one/short/' "$1"
            fi
            """
                .formatted(folder));
    assertThat(run.out()).contains("encrypted");
    assertThat(Files.readString(folder.resolve("second")))
        .contains("a secret has 8 to 4096 characters");
    assertThat(shown()).contains("owm: \"s3cret-long\"").doesNotContain("not encrypted yet");
  }

  @Test
  void aMistakeThatIsLeftChangesNothing() throws IOException {
    encrypt();
    String before = Files.readString(file);
    CommandRun run = edit("sed -i 's/s3cret-one/short/' \"$1\"\n");
    assertThat(run.exitCode()).isEqualTo(ExitCode.ERROR);
    assertThat(run.err()).contains("owm: a secret has 8 to 4096", "nothing was written");
    assertThat(Files.readString(file)).isEqualTo(before);
  }

  @Test
  void theClearTextIsInMemoryForTheUserOnlyAndDeletedAlsoAfterAFailure() throws IOException {
    encrypt();
    CommandRun run =
        edit(
            """
            stat -f -c %%T "$1" > %1$s/type
            stat -c %%a "$1" "$(dirname "$1")" > %1$s/modes
            dirname "$1" > %1$s/where
            touch "$(dirname "$1")/.secret.yaml.swp"
            exit 3
            """
                .formatted(folder));
    assertThat(run.err()).contains("the editor failed with exit code 3");
    assertThat(Files.readString(folder.resolve("type"))).isEqualTo("tmpfs\n");
    assertThat(Files.readAllLines(folder.resolve("modes"))).isEqualTo(List.of("600", "700"));
    assertThat(Path.of(Files.readString(folder.resolve("where")).strip())).doesNotExist();
  }

  @Test
  void aNewFileIsMadeForTheNamedRecipients() throws IOException {
    Files.delete(file);
    assertThat(edit("true\n").err()).contains("name --recipient for a new file");
    String write = "printf '%s' '" + PLAIN + "' > \"$1\"\n";
    assertThat(edit(write, "--recipient", key.recipient()).err()).isEmpty();
    assertThat(shown()).contains("s3cret-one");
    assertThat(edit(write, "--recipient", key.recipient()).err()).contains("keeps its recipients");
  }

  @Test
  void rotationReplacesTheRecipients() throws IOException {
    encrypt();
    AgeKey next = AgeKey.create();
    CommandRun run =
        run(
            "secret",
            "rotate",
            file.toString(),
            "--key",
            keyFile.toString(),
            "--recipient",
            next.recipient());
    assertThat(run.err()).isEmpty();
    assertThat(Files.readString(file)).contains(next.recipient()).doesNotContain(key.recipient());
    assertThat(edit("true\n").err()).contains("encrypted for other age keys");
    Files.writeString(keyFile, next.identity() + "\n");
    assertThat(shown()).contains("s3cret-one");
  }

  @Test
  void rotationChangesNoFileIfOneCannotBeDecrypted() throws IOException {
    encrypt();
    String before = Files.readString(file);
    Path damaged = folder.resolve("damaged.yaml");
    Files.writeString(damaged, before.replace("owm:", "own:"));
    CommandRun run =
        run(
            "secret",
            "rotate",
            file.toString(),
            damaged.toString(),
            "--key",
            keyFile.toString(),
            "--recipient",
            AgeKey.create().recipient());
    assertThat(run.err()).contains("damaged.yaml:8:", "cannot be decrypted");
    assertThat(Files.readString(file)).isEqualTo(before);
  }

  @Test
  void aPrivateKeyAsRecipientIsRefusedAndNotRepeated() throws IOException {
    CommandRun run = run("secret", "encrypt", file.toString(), "--recipient", key.identity());
    assertThat(run.err())
        .contains("not a public age key", "age-keygen -y")
        .doesNotContain(key.identity());
    assertThat(Files.readString(file)).isEqualTo(PLAIN);
  }

  @Test
  void aDocumentThatIsNotASecretIsRefusedWithItsLine() throws IOException {
    Files.writeString(file, PLAIN.replace("s3cret-one", "short"));
    assertThat(encrypt().err()).contains("weather.yaml:4:").contains("owm: a secret has 8 to 4096");
  }

  @Test
  void validationNeedsNoKeyAndSaysThatItDecryptsNothing() throws IOException {
    Path repository = folder.resolve("repository");
    try (Stream<Path> files = Files.walk(Path.of("../example-instance-repo"))) {
      for (Path from : files.toList()) {
        Files.copy(from, repository.resolve(Path.of("../example-instance-repo").relativize(from)));
      }
    }
    Files.writeString(file, PLAIN.replace("garden", "diary"));
    encrypt();
    Path secret = repository.resolve("weather.yaml");
    Files.copy(file, secret);
    CommandRun valid = run("validate", repository.toString());
    assertThat(valid.out())
        .contains("1 secret document (their form; only the server can decrypt them)");
    Files.writeString(secret, PLAIN.replace("garden", "diary"));
    CommandRun plain = run("validate", repository.toString());
    assertThat(plain.exitCode()).isEqualTo(ExitCode.ERROR);
    assertThat(plain.out())
        .contains("weather.yaml:4:", "this value is not a valid owm")
        .doesNotContain("s3cret");
  }
}
