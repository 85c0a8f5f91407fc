package io.dropserver.web.people;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dropserver.schema.host.MailSettings;
import io.dropserver.schema.host.MailSettings.Encryption;
import io.dropserver.web.people.Deliveries.Outgoing;
import io.dropserver.web.tls.TestAuthority;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The connection to the mail server with TLS. Certificates are made with OpenSSL. */
@Tag("slow")
@Timeout(120)
class MailTlsTest {
  private static final Outgoing MESSAGE =
      new Outgoing("id", Instant.EPOCH, "notes", "Hello", "", "https://home.test/notifications/id");

  @TempDir private Path folder;
  private TestAuthority authority;

  @BeforeEach
  @SuppressWarnings("NullAway.Init")
  void create() throws IOException {
    authority = new TestAuthority(folder);
    authority.issue("good", List.of("localhost"), 30);
    authority.issue("other", List.of("mail.example.org"), 30);
    Files.writeString(folder.resolve("password"), "hunter2");
  }

  private SSLContext server(String name) throws IOException, GeneralSecurityException {
    Path file = folder.resolve(name + ".p12");
    TestAuthority.openssl(
        "pkcs12",
        "-export",
        "-in",
        authority.chain(name).toString(),
        "-inkey",
        authority.key(name).toString(),
        "-out",
        file.toString(),
        "-passout",
        "pass:x");
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(file)) {
      store.load(in, "x".toCharArray());
    }
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store, "x".toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), null, null);
    return context;
  }

  private MailSender sender(SmtpServer server, Encryption encryption, List<Path> trust) {
    return new MailSender(
        new MailSettings(
            "localhost",
            server.port(),
            encryption,
            "home@home.test",
            Optional.of("home"),
            Optional.of(folder.resolve("password")),
            trust),
        Duration.ofSeconds(10),
        System::nanoTime);
  }

  private static SmtpServer start(SSLContext context, Encryption encryption) throws IOException {
    SmtpServer server = SmtpServer.withTls(context, encryption == Encryption.IMPLICIT);
    String login = "250-test\r\n250 AUTH PLAIN";
    server.answers.put(encryption == Encryption.IMPLICIT ? "EHLO" : "EHLO after TLS", login);
    server.answers.put("AUTH", "235 ok");
    return server;
  }

  @ParameterizedTest
  @EnumSource(names = {"STARTTLS", "IMPLICIT"})
  void logInAndMessageAreEncrypted(Encryption encryption) throws Exception {
    try (SmtpServer server = start(server("good"), encryption)) {
      sender(server, encryption, List.of(authority.root())).send("bob@example.org", MESSAGE);
      assertThat(server.messages).hasSize(1);
      assertThat(server.encrypted).contains("EHLO", "AUTH", "MAIL", "RCPT", "DATA");
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"STARTTLS", "IMPLICIT"})
  void aCertificateForAnotherNameOrOfAnUnknownAuthorityEndsTheConnection(Encryption encryption)
      throws Exception {
    try (SmtpServer wrongName = start(server("other"), encryption);
        SmtpServer unknown = start(server("good"), encryption)) {
      MailSender first = sender(wrongName, encryption, List.of(authority.root()));
      MailSender second = sender(unknown, encryption, List.of());
      for (MailSender sender : List.of(first, second)) {
        assertThatThrownBy(() -> sender.send("bob@example.org", MESSAGE))
            .isInstanceOf(IOException.class)
            .hasMessageContaining("TLS certificate of the mail server is not trusted");
      }
      for (SmtpServer server : List.of(wrongName, unknown)) {
        assertThat(server.messages).isEmpty();
        assertThat(server.encrypted).isEmpty();
        assertThat(server.commands).noneMatch(line -> line.startsWith("AUTH"));
      }
    }
  }

  /** An attacker on the way to the server removes STARTTLS from its answer. */
  @Test
  void withoutStarttlsNeitherThePasswordNorTheMessageIsSent() throws Exception {
    try (SmtpServer server = start(server("good"), Encryption.STARTTLS)) {
      server.answers.put("EHLO", "250-test\r\n250 AUTH PLAIN");
      MailSender sender = sender(server, Encryption.STARTTLS, List.of(authority.root()));
      assertThatThrownBy(() -> sender.send("bob@example.org", MESSAGE))
          .hasMessage("the mail server offers no STARTTLS");
      assertThat(server.commands).containsExactly("EHLO home.test");
    }
  }

  /** An attacker adds answers in clear text behind the one to STARTTLS. */
  @Test
  void answersThatAreInjectedBeforeTlsAreNotRead() throws Exception {
    try (SmtpServer server = start(server("good"), Encryption.STARTTLS)) {
      server.answers.put("STARTTLS", "220 go\r\n250 injected\r\n250 injected\r\n250 injected");
      MailSender sender = sender(server, Encryption.STARTTLS, List.of(authority.root()));
      try {
        sender.send("bob@example.org", MESSAGE);
        assertThat(server.messages).hasSize(1);
      } catch (IOException e) {
        assertThat(server.messages).isEmpty();
      }
      assertThat(server.commands.stream().filter(line -> line.startsWith("AUTH")).toList())
          .hasSameSizeAs(server.encrypted.stream().filter("AUTH"::equals).toList());
    }
  }

  @Test
  void anAuthorityThatCannotBeReadIsReported() throws Exception {
    try (SmtpServer server = start(server("good"), Encryption.STARTTLS)) {
      Path broken = Files.writeString(folder.resolve("broken.pem"), "x");
      assertThatThrownBy(
              () ->
                  sender(server, Encryption.STARTTLS, List.of(broken))
                      .send("bob@example.org", MESSAGE))
          .hasMessageContaining("`mail.trust` cannot be used");
    }
  }
}
