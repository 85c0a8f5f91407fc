package io.dropserver.schema.host;

import io.dropserver.base.text.MailAddress;
import io.dropserver.schema.document.MappingFields;
import io.dropserver.schema.document.Quoting;
import io.dropserver.schema.document.YamlEnums;
import io.dropserver.schema.host.MailSettings.Encryption;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads the section about the mail server. */
final class MailFields {
  private static final Pattern HOST = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?");

  private MailFields() {}

  static Optional<MailSettings> read(MappingFields root, FileFields files) {
    return root.section("mail").map(mail -> settings(mail, files));
  }

  private static MailSettings settings(MappingFields mail, FileFields files) {
    Encryption encryption = YamlEnums.of(mail.text("tls"), Encryption.class, Encryption.STARTTLS);
    Optional<Path> password = files.secret(mail, "passwordFile");
    List<Path> trust = files.certificates(mail, "trust");
    if (mail.has("userName") != mail.has("passwordFile")) {
      mail.problem(
          mail.location(mail.has("userName") ? "userName" : "passwordFile"),
          "`userName` and `passwordFile` must be set together",
          "set the other key too");
    }
    if (mail.has("trust") && encryption == Encryption.NONE_ON_LOOPBACK) {
      mail.problem("trust", "`trust` has no effect without TLS", "remove it");
    }
    return new MailSettings(
        host(mail, encryption),
        mail.integer("port").orElse(encryption.port()),
        encryption,
        from(mail),
        mail.text("userName"),
        password,
        trust);
  }

  private static String host(MappingFields mail, Encryption encryption) {
    String host = mail.text("host").orElse("");
    Optional<InetAddress> literal = LiteralAddresses.literal(host);
    if (mail.has("host") && literal.isEmpty() && !HOST.matcher(host).matches()) {
      mail.problem(
          "host",
          Quoting.quote(host) + " is neither a host name nor an address",
          "write a name like mail.example.org; the port has its own key");
    } else if (mail.has("host")
        && encryption == Encryption.NONE_ON_LOOPBACK
        && !host.equals("localhost")
        && !literal.map(InetAddress::isLoopbackAddress).orElse(false)) {
      mail.problem(
          "host",
          "mail without TLS is sent on loopback only",
          "write localhost, or use tls: starttls or tls: implicit");
    }
    return host;
  }

  private static String from(MappingFields mail) {
    String from = mail.text("from").orElse("");
    if (mail.has("from") && !MailAddress.isValid(from)) {
      mail.problem("from", Quoting.quote(from) + " is not an address of mail", MailAddress.REMEDY);
    }
    return from;
  }
}
