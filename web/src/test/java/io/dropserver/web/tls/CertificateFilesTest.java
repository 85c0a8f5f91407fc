package io.dropserver.web.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dropserver.schema.host.HostConfig.Certificate;
import io.dropserver.web.tls.CertificateReports.CertificateProblem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CertificateFilesTest {
  @TempDir private Path folder;
  private TestAuthority authority;
  private final Map<CertificateProblem, String> problems = new EnumMap<>(CertificateProblem.class);

  private final CertificateReports reports =
      new CertificateReports() {
        @Override
        public void raise(CertificateProblem certificateProblem, String message) {
          problems.put(certificateProblem, message);
        }

        @Override
        public void clear(CertificateProblem certificateProblem) {
          problems.remove(certificateProblem);
        }
      };

  @BeforeEach
  void makeAuthority() throws IOException {
    authority = new TestAuthority(folder);
  }

  private CertificateFiles open(String name) {
    return new CertificateFiles(List.of(file(name)), reports, InstantSource.system());
  }

  private Certificate file(String name) {
    return new Certificate(authority.chain(name), authority.key(name));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-algorithm RSA -pkeyopt rsa_keygen_bits:2048",
        "-algorithm EC -pkeyopt ec_paramgen_curve:P-256",
        "-algorithm EC -pkeyopt ec_paramgen_curve:P-384",
        "-algorithm ED25519"
      })
  void keysInTheFormOfPKCS8AreRead(String algorithm) throws IOException {
    authority.issue("x", List.of("a.example"), 10, algorithm.split(" "));
    KeyedCertificate read = PemFiles.read(authority.chain("x"), authority.key("x"));
    assertThat(read.covers("a.example")).isTrue();
    assertThat(read.covers("b.example")).isFalse();
    assertThat(read.chain()).hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"rsa", "ec"})
  void keysInTheTraditionalFormAreRead(String algorithm) throws IOException {
    String[] key =
        algorithm.equals("rsa")
            ? new String[] {"-algorithm", "RSA"}
            : new String[] {"-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"};
    authority.issue("x", List.of("a.example"), 10, key);
    Path old = folder.resolve("old.key");
    String path = authority.key("x").toString();
    TestAuthority.openssl(
        algorithm,
        "-in",
        path,
        "-out",
        old.toString(),
        algorithm.equals("rsa") ? "-traditional" : "-check");
    assertThat(old)
        .content()
        .contains("BEGIN " + algorithm.toUpperCase(java.util.Locale.ROOT) + " PRIVATE KEY");
    assertThat(PemFiles.read(authority.chain("x"), old).covers("a.example")).isTrue();
  }

  @Test
  void anEncryptedKeyIsRefusedWithTheCommandThatDecryptsIt() throws IOException {
    authority.issue("x", List.of("a.example"), 10);
    Path locked = folder.resolve("locked.key");
    TestAuthority.openssl(
        "pkcs8",
        "-topk8",
        "-in",
        authority.key("x").toString(),
        "-passout",
        "pass:secret",
        "-out",
        locked.toString());
    assertThatThrownBy(() -> PemFiles.read(authority.chain("x"), locked))
        .isInstanceOf(TlsException.class)
        .hasMessageContainingAll(locked.toString(), "openssl pkey");
  }

  @Test
  void aWildcardCoversOneLabelOnly() throws IOException {
    authority.issue("x", List.of("home.example", "*.home.example"), 10);
    KeyedCertificate read = PemFiles.read(authority.chain("x"), authority.key("x"));
    assertThat(read.covers("home.example")).isTrue();
    assertThat(read.covers("notes.home.example")).isTrue();
    assertThat(read.covers("a.notes.home.example")).isFalse();
    assertThat(read.covers("otherhome.example")).isFalse();
  }

  @Test
  void anUnusableCertificateAtStartIsReportedWithBothFiles() throws IOException {
    authority.issue("x", List.of("a.example"), 10);
    authority.issue("y", List.of("a.example"), 10);
    Certificate wrong = new Certificate(authority.chain("x"), authority.key("y"));
    assertThatThrownBy(() -> new CertificateFiles(List.of(wrong), reports, InstantSource.system()))
        .isInstanceOf(TlsException.class)
        .hasMessageContainingAll("x.pem", "y.key", "does not belong to the certificate");
  }

  @Test
  void aNewFileIsLoadedByTheNextReload() throws IOException {
    authority.issue("x", List.of("a.example"), 30);
    CertificateFiles given = open("x");
    String before = given.of(file("x")).id();
    authority.issue("x", List.of("a.example"), 30);
    given.reloadChanged();
    assertThat(given.of(file("x")).id()).isNotEqualTo(before);
    assertThat(problems).isEmpty();
  }

  /** Each of these is a plausible mistake of a script. */
  @ParameterizedTest
  @ValueSource(strings = {"empty", "halved", "other key", "no PEM", "missing", "folder"})
  void aBrokenNewFileIsReportedAndTheOldOneStaysInService(String how) throws IOException {
    authority.issue("x", List.of("a.example"), 30);
    authority.issue("y", List.of("a.example"), 30);
    CertificateFiles given = open("x");
    String before = given.of(file("x")).id();
    Path chain = authority.chain("x");
    String good = Files.readString(chain);
    Files.delete(chain);
    switch (how) {
      case "empty" -> write(chain, _ -> "", good);
      case "halved" -> write(chain, text -> text.substring(0, text.length() / 4), good);
      case "no PEM" -> write(chain, _ -> "\0\1\2 not PEM", good);
      case "other key" -> Files.copy(authority.chain("y"), chain);
      case "folder" -> Files.createDirectory(chain);
      default -> {}
    }
    given.reloadChanged();
    assertThat(given.of(file("x")).id()).isEqualTo(before);
    assertThat(problems.get(CertificateProblem.FILES_INVALID))
        .contains("x.pem", "stays in service");

    Files.deleteIfExists(chain);
    Path back = Files.writeString(folder.resolve("back"), good);
    Files.move(back, chain, StandardCopyOption.ATOMIC_MOVE);
    given.reloadChanged();
    assertThat(problems).isEmpty();
  }

  private static void write(Path file, UnaryOperator<String> change, String good)
      throws IOException {
    Files.writeString(file, change.apply(good));
  }

  @Test
  void aChangedSymlinkTargetCountsAsAChange() throws IOException {
    authority.issue("x", List.of("a.example"), 30);
    authority.issue("y", List.of("a.example"), 30);
    for (String suffix : List.of(".pem", ".key")) {
      Files.createSymbolicLink(folder.resolve("live" + suffix), folder.resolve("x" + suffix));
      Files.setLastModifiedTime(folder.resolve("y" + suffix), FileTime.from(Instant.EPOCH));
      Files.setLastModifiedTime(folder.resolve("x" + suffix), FileTime.from(Instant.EPOCH));
    }
    CertificateFiles given = open("live");
    String before = given.of(file("live")).id();
    for (String suffix : List.of(".pem", ".key")) {
      Path link = Files.createSymbolicLink(folder.resolve("next"), folder.resolve("y" + suffix));
      Files.move(link, folder.resolve("live" + suffix), StandardCopyOption.ATOMIC_MOVE);
    }
    given.reloadChanged();
    assertThat(given.of(file("live")).id()).isNotEqualTo(before);
  }

  @Test
  void expiringCertificatesAreReported() throws IOException {
    authority.issue("x", List.of("a.example"), 30);
    Instant now = Instant.now();
    new CertificateFiles(List.of(file("x")), reports, InstantSource.fixed(now));
    assertThat(problems).isEmpty();
    new CertificateFiles(
        List.of(file("x")), reports, InstantSource.fixed(now.plus(Duration.ofDays(17))));
    assertThat(problems.get(CertificateProblem.EXPIRING)).contains("x.pem ends");
    new CertificateFiles(
        List.of(file("x")), reports, InstantSource.fixed(now.plus(Duration.ofDays(31))));
    assertThat(problems.get(CertificateProblem.EXPIRING)).contains("x.pem ended");
  }
}
