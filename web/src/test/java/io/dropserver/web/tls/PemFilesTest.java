package io.dropserver.web.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PemFilesTest {
  private static final String FOREIGN =
      "-----BEGIN DH PARAMETERS-----\nMAYCAQcCAQI=\n-----END DH PARAMETERS-----\n";

  @TempDir private Path folder;
  private TestAuthority authority;

  @BeforeEach
  void makeAuthority() throws IOException {
    authority = new TestAuthority(folder);
    authority.issue("x", List.of("a.example"), 10);
  }

  private Path rewritten(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text, StandardCharsets.ISO_8859_1);
  }

  private String chain() throws IOException {
    return Files.readString(authority.chain("x"));
  }

  private String key() throws IOException {
    return Files.readString(authority.key("x"));
  }

  @Test
  void blocksOfOtherTypesAndTextBetweenBlocksAreSkipped() throws IOException {
    String all = "Bag Attributes\n" + FOREIGN + key() + "\nsubject=/CN=a\n" + chain() + FOREIGN;
    Path both = rewritten("both.pem", all);
    assertThat(PemFiles.read(both, both).chain()).hasSize(2);
  }

  @Test
  void byteOrderMarksIndentsAndLineBreaksOfWindowsAreAccepted() throws IOException {
    String all = "\u00ef\u00bb\u00bf" + (key() + chain()).replace("\n", " \r\n  ");
    Path both = rewritten("both.pem", all);
    assertThat(PemFiles.read(both, both).chain()).hasSize(2);
  }

  @Test
  void aTrustedCertificateIsRead() throws IOException {
    Path trusted = folder.resolve("trusted.pem");
    String chain = authority.chain("x").toString();
    TestAuthority.openssl("x509", "-in", chain, "-trustout", "-out", trusted.toString());
    assertThat(trusted).content().contains("BEGIN TRUSTED CERTIFICATE");
    assertThat(PemFiles.authorities(trusted)).hasSize(1);
  }

  @Test
  void theParametersBeforeAKeyOfSEC1AreSkipped() throws IOException {
    Path file = folder.resolve("ec.key");
    TestAuthority.openssl("ecparam", "-name", "prime256v1", "-genkey", "-out", file.toString());
    assertThat(file).content().contains("BEGIN EC PARAMETERS", "BEGIN EC PRIVATE KEY");
    assertThat(PemFiles.key(file, Files.readString(file)).getAlgorithm()).isEqualTo("EC");
  }

  @Test
  void aKeyOfTheTraditionalFormThatIsEncryptedIsRefused() throws IOException {
    Path locked = folder.resolve("locked.key");
    TestAuthority.openssl(
        "ec",
        "-in",
        authority.key("x").toString(),
        "-aes128",
        "-passout",
        "pass:secret",
        "-out",
        locked.toString());
    assertThat(locked).content().contains("Proc-Type: 4,ENCRYPTED");
    assertThatThrownBy(() -> PemFiles.read(authority.chain("x"), locked))
        .isInstanceOf(TlsException.class)
        .hasMessageContainingAll(locked.toString(), "is encrypted", "openssl pkey -in FILE");
  }

  @Test
  void anAlgorithmThatBrowsersDoNotSupportIsNamed() throws IOException {
    Path file = folder.resolve("x.x25519");
    TestAuthority.openssl("genpkey", "-algorithm", "X25519", "-out", file.toString());
    assertThatThrownBy(() -> PemFiles.read(authority.chain("x"), file))
        .isInstanceOf(TlsException.class)
        .hasMessageContainingAll(file.toString(), "not supported; use RSA or EC");
  }

  /** 1.3.6.1.4.1.99999 is an algorithm that Java does not know. */
  @Test
  void anUnknownAlgorithmIsNamed() {
    String text =
        "-----BEGIN PRIVATE KEY-----\nMBUCAQAwDAYKKwYBBAGGjR8BAQQCBAA=\n-----END PRIVATE KEY-----";
    assertThatThrownBy(() -> PemFiles.key(Path.of("f.key"), text))
        .isInstanceOf(TlsException.class)
        .hasMessageContainingAll("f.key", "its algorithm 1.3.6.1.4.1.", "use RSA or EC");
  }

  @ParameterizedTest
  @ValueSource(strings = {"RSA PRIVATE KEY", "EC PRIVATE KEY", "PRIVATE KEY"})
  void aDamagedKeyIsRefusedWithItsFile(String type) {
    for (String content : List.of("AAAA", "!!!!", "MAMCAQA=", "")) {
      String text = "-----BEGIN " + type + "-----\n" + content + "\n-----END " + type + "-----\n";
      assertThatThrownBy(() -> PemFiles.key(Path.of("f.key"), text))
          .isInstanceOf(TlsException.class)
          .hasMessageStartingWith("f.key contains a key that cannot be read: ");
    }
  }

  @Test
  void aKeyOfSEC1WithoutItsCurveIsRefusedWithTheRemedy() {
    String text = "-----BEGIN EC PRIVATE KEY-----\nMAYCAQEEAQE=\n-----END EC PRIVATE KEY-----\n";
    assertThatThrownBy(() -> PemFiles.key(Path.of("f.key"), text))
        .isInstanceOf(TlsException.class)
        .hasMessageContainingAll("f.key", "does not name its curve", "openssl pkcs8 -topk8");
  }

  @Test
  void aFileWithoutTheBlockIsRefusedWithTheBlockThatItNeeds() {
    Path file = Path.of("f.pem");
    assertThatThrownBy(() -> PemFiles.chain(file, "no PEM"))
        .hasMessageContainingAll("f.pem contains no certificate", "-----BEGIN CERTIFICATE-----");
    assertThatThrownBy(() -> PemFiles.key(file, FOREIGN))
        .hasMessageContainingAll("f.pem contains no private key", "-----BEGIN PRIVATE KEY-----");
    assertThatThrownBy(() -> PemFiles.publicKey(file, FOREIGN))
        .hasMessageContainingAll("f.pem contains no public key", "-----BEGIN PUBLIC KEY-----");
  }

  @Test
  void aChainInTheWrongOrderAndOneThatIsCutOffAreRefused() throws IOException {
    String own = Files.readString(folder.resolve("x.leaf"));
    String root = Files.readString(authority.root());
    assertThatThrownBy(() -> PemFiles.chain(Path.of("f.pem"), root + own))
        .hasMessageContainingAll(
            "f.pem: certificate 2 did not issue", "server's certificate first");
    String cut = chain().substring(0, chain().length() - 40);
    assertThatThrownBy(() -> PemFiles.chain(Path.of("f.pem"), cut))
        .hasMessageContainingAll("f.pem contains a certificate that cannot be read", "not found");
  }
}
