package io.dropserver.web.people;

import io.dropserver.schema.host.MailSettings;
import io.dropserver.schema.host.MailSettings.Encryption;
import jakarta.mail.AuthenticationFailedException;
import jakarta.mail.MessagingException;
import java.io.IOException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLException;
import org.eclipse.angus.mail.smtp.SMTPAddressFailedException;
import org.eclipse.angus.mail.smtp.SMTPTransport;
import org.jspecify.annotations.Nullable;

/** Says why a mail was not sent, in a sentence without secrets and without text of the server. */
final class MailFailure extends IOException {
  private static final long serialVersionUID = 1;

  private final String sentence;
  private final boolean server;

  /**
   * @param server whether other messages would fail for the same reason
   */
  MailFailure(String sentence, boolean server, @Nullable Throwable cause) {
    super(sentence, cause);
    this.sentence = sentence;
    this.server = server;
  }

  String sentence() {
    return sentence;
  }

  boolean concernsServer() {
    return server;
  }

  /**
   * @param transport what is known about the server's last answer; null before the connection
   */
  static MailFailure of(
      Exception e, @Nullable SMTPTransport transport, MailSettings settings, Duration time) {
    List<Throwable> causes = causes(e);
    for (Throwable cause : causes) {
      if (cause instanceof MailFailure failure) {
        return failure;
      }
      if (cause instanceof SMTPAddressFailedException refused) {
        return new MailFailure(
            "the mail server refused the address with status " + refused.getReturnCode(), false, e);
      }
    }
    return new MailFailure(sentence(causes, transport, settings, time), true, e);
  }

  private static String sentence(
      List<Throwable> causes,
      @Nullable SMTPTransport transport,
      MailSettings settings,
      Duration time) {
    if (causes.stream().anyMatch(AuthenticationFailedException.class::isInstance)) {
      return "the mail server refused the user name or the password";
    }
    if (causes.stream().anyMatch(UnknownHostException.class::isInstance)) {
      return "the name of the mail server has no address";
    }
    if (causes.stream().anyMatch(SSLException.class::isInstance)) {
      return "the TLS certificate of the mail server is not trusted, or TLS failed";
    }
    if (causes.stream().anyMatch(IOException.class::isInstance)) {
      return "the mail server cannot be reached, or did not answer within "
          + Math.max(1, time.toSeconds())
          + " s";
    }
    int status = transport == null ? -1 : transport.getLastReturnCode();
    if (transport != null
        && status / 100 == 2
        && settings.encryption() == Encryption.STARTTLS
        && !transport.supportsExtension("STARTTLS")) {
      return "the mail server offers no STARTTLS";
    }
    return status < 0
        ? "the mail server ended the connection, or its answer is not SMTP"
        : "the mail server refused the message with status " + status;
  }

  private static List<Throwable> causes(Throwable e) {
    List<Throwable> found = new ArrayList<>();
    Throwable next = e;
    // The library nests exceptions in a chain of its own. The limit guards against a cycle.
    while (next != null && found.size() < 20) {
      found.add(next);
      next =
          next instanceof MessagingException messaging && messaging.getNextException() != null
              ? messaging.getNextException()
              : next.getCause();
    }
    return found;
  }
}
