package io.dropserver.web.people;

import io.dropserver.schema.host.MailSettings;
import io.dropserver.schema.host.MailSettings.Encryption;
import io.dropserver.web.people.Deliveries.Outgoing;
import io.dropserver.web.tls.Authorities;
import jakarta.mail.Authenticator;
import jakarta.mail.MessagingException;
import jakarta.mail.PasswordAuthentication;
import jakarta.mail.Session;
import jakarta.mail.URLName;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.eclipse.angus.mail.smtp.SMTPTransport;
import org.jspecify.annotations.Nullable;

/**
 * Sends messages through the mail server of the host's configuration (SMTP), each on a connection
 * of its own. Thread-safe.
 */
public final class MailSender {
  /** The longest time of one message, from the connection on. */
  static final Duration TIME = Duration.ofSeconds(20);

  /** The longest answer of the mail server, for one message. A certificate is part of it. */
  static final int MAX_ANSWER_BYTES = 256 << 10;

  /** The pause after the server failed. Without it, many messages would wait for it in turn. */
  static final Duration PAUSE = Duration.ofSeconds(10);

  private final MailSettings settings;
  private final Duration time;
  private final LongSupplier nanoTime;
  private final AtomicReference<@Nullable Outage> outage = new AtomicReference<>();

  /** A failure that other messages would share. */
  private record Outage(long until, String reason) {}

  /**
   * @param nanoTime a clock like {@link System#nanoTime}
   */
  public MailSender(MailSettings settings, LongSupplier nanoTime) {
    this(settings, TIME, nanoTime);
  }

  MailSender(MailSettings settings, Duration time, LongSupplier nanoTime) {
    this.settings = settings;
    this.time = time;
    this.nanoTime = nanoTime;
  }

  /**
   * Sends a message.
   *
   * @throws IOException when the mail server does not accept it, with a sentence that contains no
   *     address, no credentials and no text of the server
   */
  void send(String address, Outgoing message) throws IOException {
    Outage known = outage.get();
    if (known != null && known.until() - nanoTime.getAsLong() > 0) {
      throw new IOException(known.reason());
    }
    try {
      sendNow(address, message);
      outage.set(null);
    } catch (MailFailure e) {
      if (e.concernsServer()) {
        outage.set(new Outage(nanoTime.getAsLong() + PAUSE.toNanos(), e.sentence()));
      }
      throw new IOException(e.sentence(), e);
    }
  }

  private void sendNow(String address, Outgoing message) throws MailFailure {
    BoundedSocket raw = new BoundedSocket(MAX_ANSWER_BYTES);
    CountDownLatch done = new CountDownLatch(1);
    var _ = Thread.ofVirtual().name("mail-deadline").start(() -> closeLate(raw, done));
    SMTPTransport transport = null;
    try (raw) {
      Session session = session(message);
      MailText mail = new MailText(session, settings.from(), address, message);
      transport =
          new SMTPTransport(
              session, new URLName("smtp", settings.host(), settings.port(), null, null, null));
      transport.connect(encrypted(connect(raw)));
      transport.sendMessage(mail, mail.getAllRecipients());
      transport.close();
    } catch (MessagingException | IOException e) {
      throw MailFailure.of(e, transport, settings, time);
    } finally {
      done.countDown();
    }
  }

  private Session session(Outgoing message) throws IOException {
    Properties properties = new Properties();
    properties.setProperty("mail.smtp.host", settings.host());
    properties.setProperty("mail.smtp.from", settings.from());
    properties.setProperty("mail.smtp.localhost", MailText.host(message));
    // No wait for the answer to QUIT: the message is accepted before it.
    properties.setProperty("mail.smtp.quitwait", "false");
    if (settings.encryption() == Encryption.STARTTLS) {
      properties.setProperty("mail.smtp.starttls.enable", "true");
      properties.setProperty("mail.smtp.starttls.required", "true");
      properties.setProperty("mail.smtp.ssl.checkserveridentity", "true");
      properties.put("mail.smtp.ssl.socketFactory", context().getSocketFactory());
    }
    if (settings.userName().isEmpty() || settings.passwordFile().isEmpty()) {
      return Session.getInstance(properties);
    }
    properties.setProperty("mail.smtp.auth", "true");
    properties.setProperty("mail.smtp.auth.mechanisms", "PLAIN LOGIN");
    properties.setProperty("mail.smtp.user", settings.userName().get());
    PasswordAuthentication login =
        new PasswordAuthentication(settings.userName().get(), password());
    return Session.getInstance(
        properties,
        new Authenticator() {
          @Override
          protected PasswordAuthentication getPasswordAuthentication() {
            return login;
          }
        });
  }

  private String password() throws MailFailure {
    try {
      return Files.readString(settings.passwordFile().orElseThrow()).strip();
    } catch (IOException e) {
      throw new MailFailure("the file `mail.passwordFile` cannot be read", true, e);
    }
  }

  private SSLContext context() throws MailFailure {
    try {
      return Authorities.context(settings.trust());
    } catch (IOException e) {
      throw new MailFailure("the authorities of `mail.trust` cannot be used", true, e);
    }
  }

  /** Connects to the first address of the server. */
  private Socket connect(BoundedSocket raw) throws IOException {
    InetAddress address = InetAddress.getByName(settings.host());
    if (settings.encryption() == Encryption.NONE_ON_LOOPBACK && !address.isLoopbackAddress()) {
      throw new MailFailure("the mail server without TLS is not on loopback", true, null);
    }
    int millis = Math.toIntExact(time.toMillis());
    // With a name, because the library verifies the certificate against the address's name. It
    // would ask the DNS for the name of a literal address.
    InetAddress named = InetAddress.getByAddress(settings.host(), address.getAddress());
    raw.connect(new InetSocketAddress(named, settings.port()), millis);
    raw.setSoTimeout(millis);
    return raw;
  }

  private Socket encrypted(Socket raw) throws IOException {
    if (settings.encryption() != Encryption.IMPLICIT) {
      return raw;
    }
    SSLSocket socket =
        (SSLSocket)
            context().getSocketFactory().createSocket(raw, settings.host(), settings.port(), true);
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    socket.setSSLParameters(parameters);
    socket.startHandshake();
    return socket;
  }

  /** Closes the connection at the deadline. Idle timeouts alone do not limit slow answers. */
  private void closeLate(Socket raw, CountDownLatch done) {
    try {
      if (!done.await(time.toNanos(), TimeUnit.NANOSECONDS)) {
        raw.close();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      // It is closed.
    }
  }
}
