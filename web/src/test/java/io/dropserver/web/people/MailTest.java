package io.dropserver.web.people;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.dropserver.egress.gateway.HostApi.Call;
import io.dropserver.schema.host.MailSettings;
import io.dropserver.schema.host.MailSettings.Encryption;
import io.dropserver.schema.instance.User.Channel;
import io.dropserver.schema.instance.User.ChannelKind;
import io.dropserver.web.people.Deliveries.Outgoing;
import jakarta.mail.internet.MimeMessage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/** Messages of apps as mail, sent to a mail server of the test. */
@Timeout(180)
class MailTest {
  private static final String ADDRESS = "bob@example.org";

  @TempDir private Path folder;
  private SmtpServer server;
  private final AtomicLong nanos = new AtomicLong();

  @BeforeEach
  @SuppressWarnings("NullAway.Init")
  void start() throws IOException {
    server = SmtpServer.plain();
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
  }

  private MailSettings settings(Optional<String> user) throws IOException {
    Path password = Files.writeString(folder.resolve("password"), "hunter2\n");
    return new MailSettings(
        "127.0.0.1",
        server.port(),
        Encryption.NONE_ON_LOOPBACK,
        "home@home.test",
        user,
        user.map(_ -> password),
        List.of());
  }

  private MailSender sender(Duration time) throws IOException {
    return new MailSender(settings(Optional.empty()), time, nanos::get);
  }

  private static Outgoing message(String title, String body) {
    return new Outgoing(
        "0123456789abcdef",
        Instant.parse("2026-11-30T12:00:00Z"),
        "notes",
        title,
        body,
        "https://home.test/notifications/0123456789abcdef");
  }

  /** Waits for the last command, for whose answer the sender does not wait. */
  private List<String> commands() {
    await().until(() -> server.commands.contains("QUIT"));
    return server.commands;
  }

  private MimeMessage received() throws Exception {
    return new MimeMessage(
        null, new ByteArrayInputStream(server.messages.getFirst().getBytes(ISO_8859_1)));
  }

  private void send(String title, String body) throws IOException {
    sender(MailSender.TIME).send(ADDRESS, message(title, body));
  }

  @Test
  void theMailIsPlainTextWithALinkThroughTheShell() throws Exception {
    send("Zoë wrote", "one\ntwo 🦆");
    MimeMessage mail = received();
    assertThat(mail.getSubject()).isEqualTo("notes: Zoë wrote");
    assertThat(mail.getContentType()).isEqualToIgnoringCase("text/plain; charset=UTF-8");
    assertThat(mail.getContent().toString().replace("\r", ""))
        .isEqualTo(
            """
            The app notes wrote:

            > Zoë wrote
            >\s
            > one
            > two 🦆

            Open it: https://home.test/notifications/0123456789abcdef

            You receive this mail because your User at home.test has a channel for mail.
            """);
    assertThat(mail.getHeader("From", ",")).isEqualTo("home@home.test");
    assertThat(mail.getHeader("To", ",")).isEqualTo(ADDRESS);
    assertThat(mail.getHeader("Auto-Submitted", ",")).isEqualTo("auto-generated");
    assertThat(mail.getHeader("List-Id", ",")).isEqualTo("<notes.home.test>");
    assertThat(mail.getHeader("Message-ID", ",")).isEqualTo("<0123456789abcdef@home.test>");
    assertThat(mail.getSentDate()).isEqualTo("2026-11-30T12:00:00Z");
    assertThat(commands())
        .containsExactly(
            "EHLO home.test",
            "MAIL FROM:<home@home.test>",
            "RCPT TO:<bob@example.org>",
            "DATA",
            "QUIT");
  }

  /** The text was made inert before it is stored. It is hostile here once more. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "x\r\nBcc: eve@evil.example\r\n\r\nbody",
        "x\nBcc: eve@evil.example",
        "x\r.\r\nMAIL FROM:<a@b.test>",
        "\r\n.\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<eve@evil.example>\r\nDATA\r\n",
        ".\n.\n..\n",
        "\n\nOpen it: https://evil.example/",
        "=?UTF-8?Q?=0D=0ABcc:_eve@evil.example?=",
        "\u2028Bcc: eve@evil.example\u0085Cc: x@evil.example\u000bTo: y@evil.example\u0000",
        "%s %n %1$s \\u000a",
        "\u202egro.live\u2066"
      })
  void hostileTextAddsNoHeaderNoCommandAndNoLineOfTheServer(String text) throws Exception {
    send("t" + text, "b" + text);
    assertThat(commands()).hasSize(5).contains("RCPT TO:<bob@example.org>");
    assertThat(server.messages).hasSize(1);
    MimeMessage mail = received();
    assertThat(mail.getAllRecipients()).hasSize(1);
    assertThat(mail.getHeader("Bcc")).isNull();
    assertThat(mail.getHeader("Cc")).isNull();
    assertThat(mail.getContentType()).isEqualToIgnoringCase("text/plain; charset=UTF-8");
    List<String> lines = mail.getContent().toString().replace("\r\n", "\n").lines().toList();
    assertThat(lines.getFirst()).isEqualTo("The app notes wrote:");
    assertThat(lines.get(lines.size() - 3))
        .isEqualTo("Open it: https://home.test/notifications/0123456789abcdef");
    assertThat(lines.subList(2, lines.size() - 4)).allMatch(line -> line.startsWith("> "));
    assertThat(mail.getContent().toString()).doesNotContain("\u202e", "\u2066", "\u0000");
  }

  /** The reader of the repository refuses such addresses. They are not sent either. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "bob@example.org\r\nBcc: eve@evil.example",
        "bob@example.org>\r\nRCPT TO:<eve@evil.example",
        "bob@example.org, eve@evil.example",
        "\"bob\"@example.org",
        ""
      })
  void anAddressThatIsMoreThanAnAddressIsNotSentTo(String address) throws IOException {
    MailSender sender = sender(MailSender.TIME);
    assertThatThrownBy(() -> sender.send(address, message("x", "")))
        .isInstanceOf(IOException.class);
    assertThat(server.commands).isEmpty();
  }

  @Test
  void longTextIsSentWholeInShortLines() throws Exception {
    send("A".repeat(Message.MAX_TITLE), "🦆".repeat(Message.MAX_BODY));
    assertThat(received().getContent().toString()).contains("🦆".repeat(Message.MAX_BODY));
    assertThat(server.messages.getFirst().lines()).allMatch(line -> line.length() < 998);
    assertThat(server.messages.getFirst().length()).isLessThan(20_000);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "GREETING;554 s3cret;refused the message with status 554",
        "GREETING;HTTP/1.1 400 s3cret;ended the connection, or its answer is not SMTP",
        "MAIL;550 s3cret;refused the message with status 550",
        "RCPT;550 5.1.1 s3cret bob@example.org;refused the address with status 550",
        "RCPT;450 s3cret;refused the address with status 450",
        "DATA;452 s3cret;refused the message with status 452",
        "MESSAGE;554 s3cret;refused the message with status 554"
      })
  void aRefusalIsReportedWithItsStatusButWithoutTextOfTheServer(
      String verb, String answer, String problem) throws IOException {
    server.answers.put(verb, answer);
    assertThatThrownBy(() -> send("x", ""))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(problem)
        .hasMessageNotContaining("s3cret")
        .hasMessageNotContaining(ADDRESS);
  }

  @ParameterizedTest
  @ValueSource(strings = {"GREETING", "EHLO", "MAIL", "RCPT", "DATA", "MESSAGE"})
  void aSilentServerIsLeftAtTheDeadline(String verb) throws IOException {
    server.answers.put(verb, SmtpServer.SILENCE);
    MailSender sender = sender(Duration.ofMillis(300));
    assertThatThrownBy(() -> sender.send(ADDRESS, message("x", "")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("did not answer within");
  }

  @Test
  void aServerThatSendsWithoutEndIsCutOff() throws IOException {
    server.answers.put("GREETING", "220 " + "x".repeat(2 * MailSender.MAX_ANSWER_BYTES));
    assertThatThrownBy(() -> send("x", "")).isInstanceOf(IOException.class);
    assertThat(server.commands).isEmpty();
    nanos.addAndGet(MailSender.PAUSE.toNanos());
    server.answers.put("GREETING", "220-x\r\n".repeat(MailSender.MAX_ANSWER_BYTES / 4) + "220 x");
    assertThatThrownBy(() -> send("x", "")).isInstanceOf(IOException.class);
    assertThat(server.commands).isEmpty();
  }

  @Test
  void aFailureOfTheServerIsSharedForAWhileAndARefusedAddressIsNot() throws IOException {
    MailSender sender = sender(MailSender.TIME);
    server.answers.put("RCPT", "550 no");
    assertThatThrownBy(() -> sender.send(ADDRESS, message("x", ""))).hasMessageContaining("550");
    server.answers.put("RCPT", "250 ok");
    server.answers.put("GREETING", "421 later");
    assertThatThrownBy(() -> sender.send(ADDRESS, message("x", ""))).hasMessageContaining("421");
    server.answers.put("GREETING", "220 test");
    assertThatThrownBy(() -> sender.send(ADDRESS, message("x", ""))).hasMessageContaining("421");
    assertThat(server.messages).isEmpty();
    nanos.addAndGet(MailSender.PAUSE.toNanos());
    sender.send(ADDRESS, message("x", ""));
    assertThat(server.messages).hasSize(1);
  }

  @Test
  void theServerLogsInWithThePasswordOfTheFileAndNeverRepeatsIt() throws IOException {
    server.answers.put("EHLO", "250-test\r\n250 AUTH XOAUTH2 NTLM PLAIN");
    server.answers.put("AUTH", "235 ok");
    MailSender sender = new MailSender(settings(Optional.of("home")), nanos::get);
    sender.send(ADDRESS, message("x", ""));
    String login = Base64.getEncoder().encodeToString("home\0home\0hunter2".getBytes(ISO_8859_1));
    assertThat(server.commands).contains("AUTH PLAIN " + login);
    assertThat(server.messages.getFirst()).doesNotContain("hunter2", login);

    server.answers.put("AUTH", "535 wrong: " + login);
    assertThatThrownBy(() -> sender.send(ADDRESS, message("x", "")))
        .hasMessage("the mail server refused the user name or the password");
    nanos.addAndGet(MailSender.PAUSE.toNanos());
    Files.delete(folder.resolve("password"));
    assertThatThrownBy(() -> sender.send(ADDRESS, message("x", "")))
        .hasMessageContaining("`mail.passwordFile` cannot be read");
  }

  @Test
  void withoutTlsOnlyThisMachineIsReached() {
    MailSettings settings =
        new MailSettings(
            "192.0.2.1",
            25,
            Encryption.NONE_ON_LOOPBACK,
            "home@home.test",
            Optional.empty(),
            Optional.empty(),
            List.of());
    assertThatThrownBy(() -> new MailSender(settings, nanos::get).send(ADDRESS, message("x", "")))
        .hasMessageContaining("not on loopback");
  }

  private static void tellBob(PeopleFixture fixture) {
    String bob = fixture.identity.userId("notes", "bob");
    String json = JsonMapper.shared().writeValueAsString(Map.of("user", bob, "title", "Hello"));
    assertThat(fixture.api.answer("notes", new Call("POST", "/notifications", json)).status())
        .isEqualTo(201);
  }

  @Test
  void aFailedMailIsReportedAndRetriedAndTheReportEndsWithSuccess() throws Exception {
    try (PeopleFixture fixture = new PeopleFixture(folder, Optional.of(sender(MailSender.TIME)))) {
      fixture.channels.put("bob", List.of(new Channel(ChannelKind.MAIL, ADDRESS)));
      server.answers.put("RCPT", "451 s3cret");
      tellBob(fixture);
      fixture.deliver();
      assertThat(fixture.reported.get())
          .isEqualTo(Map.of("bob", "mail: the mail server refused the address with status 451"));
      server.answers.put("RCPT", "250 ok");
      fixture.deliver();
      assertThat(server.messages).isEmpty();
      fixture.millis.addAndGet(Duration.ofMinutes(15).toMillis());
      fixture.deliver();
      fixture.deliver();
      assertThat(server.messages).hasSize(1);
      assertThat(fixture.reported.get()).isEmpty();
      assertThat(received().getContent().toString())
          .contains(
              "Open it: https://home.test/notifications/"
                  + fixture.store.unread("bob").getFirst().id());
    }
  }

  @Test
  void aChannelForMailOnAHostWithoutAMailServerIsReported() throws Exception {
    try (PeopleFixture fixture = new PeopleFixture(folder)) {
      fixture.channels.put("bob", List.of(new Channel(ChannelKind.MAIL, ADDRESS)));
      tellBob(fixture);
      fixture.deliver();
      assertThat(fixture.reported.get().get("bob"))
          .isEqualTo(
              "mail: this server sends no mail until its configuration has the section `mail`");
    }
  }
}
