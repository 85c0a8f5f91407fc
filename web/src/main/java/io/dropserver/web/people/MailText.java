package io.dropserver.web.people;

import io.dropserver.base.text.MailAddress;
import io.dropserver.base.text.VisibleText;
import io.dropserver.web.people.Deliveries.Outgoing;
import jakarta.mail.Message.RecipientType;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Date;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A message as mail: plain text. The text of the app is quoted, so that it cannot look like a line
 * of the server, and the only link of the server leads to the shell.
 */
final class MailText extends MimeMessage {
  private static final String UTF_8 = StandardCharsets.UTF_8.name();

  private final String id;

  /**
   * @param from a valid address
   * @param to a valid address
   * @throws MessagingException when an address contains anything but an address
   */
  MailText(Session session, String from, String to, Outgoing message) throws MessagingException {
    super(session);
    String host = host(message);
    // Stable, so that programs for mail recognise a message that is sent twice.
    id = "<" + message.id() + "@" + MailAddress.domain(from) + ">";
    setFrom(address(from));
    setRecipient(RecipientType.TO, address(to));
    setSubject(VisibleText.line(message.appspace() + ": " + message.title()), UTF_8);
    setSentDate(Date.from(message.created()));
    // RFC 3834: no program answers. RFC 2919: people can sort the messages by appspace.
    setHeader("Auto-Submitted", "auto-generated");
    setHeader("List-Id", "<" + message.appspace() + "." + host + ">");
    setText(text(message, host), UTF_8);
    saveChanges();
  }

  /** Returns the host name of the shell. */
  static String host(Outgoing message) {
    return Optional.ofNullable(URI.create(message.url()).getHost()).orElse("localhost");
  }

  private static InternetAddress address(String text) throws MessagingException {
    if (!MailAddress.isValid(text)) {
      throw new MessagingException("not an address of mail");
    }
    return new InternetAddress(text, true);
  }

  private static String text(Outgoing message, String host) {
    String body = message.body().isEmpty() ? "" : "\n\n" + message.body();
    String quoted =
        VisibleText.lines(message.title() + body)
            .lines()
            .map(line -> "> " + line)
            .collect(Collectors.joining("\n"));
    return """
    The app %s wrote:

    %s

    Open it: %s

    You receive this mail because your User at %s has a channel for mail.
    """
        .formatted(message.appspace(), quoted, message.url(), host);
  }

  /** Sets an id without the name of this machine, which the library would contain. */
  @Override
  protected void updateMessageID() throws MessagingException {
    setHeader("Message-ID", id);
  }
}
