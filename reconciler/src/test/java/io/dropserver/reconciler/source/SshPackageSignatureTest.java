package io.dropserver.reconciler.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.schema.instance.App.PackageSigners;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Signatures of OpenSSH's own {@code ssh-keygen}. */
@Tag("slow") // needs OpenSSH
class SshPackageSignatureTest {
  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void writePackage() throws IOException {
    file = Files.writeString(folder.resolve("app.tar.gz"), "a package");
  }

  @ParameterizedTest
  @CsvSource({"ed25519,256", "ecdsa,256", "ecdsa,521", "rsa,3072"})
  void aSignatureOfAnAcceptedKeyIsAccepted(String type, String bits) throws IOException {
    Path key = key("key", type, bits);
    assertThat(check(sign(key, "dropserver-app"), key)).isEmpty();
    assertThat(check(sign(key, "dropserver-app", "-O", "hashalg=sha256"), key)).isEmpty();
  }

  @Test
  void anotherKeyIsRefused() throws IOException {
    Path key = key("key", "ed25519", "256");
    Path other = key("other", "ed25519", "256");
    assertThat(check(sign(other, "dropserver-app"), key)).hasValueSatisfying(contains("signers"));
    assertThat(check(sign(other, "dropserver-app"), key, other)).isEmpty();
  }

  @Test
  void anotherNamespaceIsRefused() throws IOException {
    Path key = key("key", "ed25519", "256");
    for (String namespace : List.of("git", "file", "dropserver-app2")) {
      assertThat(check(sign(key, namespace), key)).hasValueSatisfying(contains("namespace"));
    }
  }

  @Test
  void aChangedPackageIsRefused() throws IOException {
    Path key = key("key", "ed25519", "256");
    byte[] signature = sign(key, "dropserver-app");
    Files.write(file, new byte[] {0}, StandardOpenOption.APPEND);
    assertThat(check(signature, key)).hasValueSatisfying(contains("not a signature of this"));
  }

  /** Every cut and every changed byte of a signature is refused, without an exception. */
  @Test
  void aDamagedSignatureIsRefused() throws IOException {
    Path key = key("key", "ed25519", "256");
    byte[] valid = blob(sign(key, "dropserver-app"));
    assertThat(check(armored(valid), key)).isEmpty();
    for (int i = 0; i < valid.length; i++) {
      assertThat(check(armored(Arrays.copyOf(valid, i)), key)).isPresent();
      byte[] changed = valid.clone();
      changed[i] ^= 1;
      assertThat(check(armored(changed), key)).as("byte %d", i).isPresent();
    }
    for (String text : List.of("", "x", "-----BEGIN SSH SIGNATURE-----")) {
      assertThat(check(text.getBytes(StandardCharsets.UTF_8), key)).isPresent();
    }
  }

  private static Consumer<String> contains(String text) {
    return found -> assertThat(found).contains(text);
  }

  private Optional<String> check(byte[] signature, Path... keys) throws IOException {
    TreeSet<String> lines = new TreeSet<>();
    for (Path key : keys) {
      String line = Files.readString(Path.of(key + ".pub"));
      lines.add(line.substring(0, line.indexOf(' ', line.indexOf(' ') + 1)));
    }
    PackageSigners signers =
        new PackageSigners(lines, URI.create("https://example.org/app.tar.gz.sig"));
    return new SshPackageSignature(signers).objection(file, signature);
  }

  private Path key(String name, String type, String bits) {
    Path key = folder.resolve(name);
    GitFixture.run(
        folder,
        "ssh-keygen",
        "-q",
        "-N",
        "",
        "-C",
        "test",
        "-t",
        type,
        "-b",
        bits,
        "-f",
        key.toString());
    return key;
  }

  private byte[] sign(Path key, String namespace, String... options) throws IOException {
    Path signature = folder.resolve("app.tar.gz.sig");
    Files.deleteIfExists(signature);
    String[] first = {"ssh-keygen", "-q", "-Y", "sign", "-n", namespace, "-f", key.toString()};
    String[] command = Arrays.copyOf(first, first.length + options.length + 1);
    System.arraycopy(options, 0, command, first.length, options.length);
    command[command.length - 1] = file.toString();
    GitFixture.run(folder, command);
    return Files.readAllBytes(signature);
  }

  private static byte[] blob(byte[] armored) {
    String text = new String(armored, StandardCharsets.US_ASCII).strip();
    String body =
        text.replace("-----BEGIN SSH SIGNATURE-----", "")
            .replace("-----END SSH SIGNATURE-----", "");
    return Base64.getMimeDecoder().decode(body);
  }

  private static byte[] armored(byte[] blob) {
    String text = Base64.getEncoder().encodeToString(blob);
    return ("-----BEGIN SSH SIGNATURE-----\n" + text + "\n-----END SSH SIGNATURE-----\n")
        .getBytes(StandardCharsets.US_ASCII);
  }
}
