package io.dropserver.web.dns;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.Name;
import org.xbill.DNS.TSIG;
import org.xbill.DNS.TextParseException;

/**
 * A key that signs messages to a name server (RFC 8945). Immutable.
 *
 * @param name the name under which the server knows the key
 * @param tsig signs with the key
 */
record TsigKey(Name name, TSIG tsig) {
  private static final int MAX_BYTES = 16 << 10;

  /** RFC 8945, section 6, without the algorithms that it discourages. */
  private static final Map<String, Name> ALGORITHMS =
      Map.of(
          "hmac-sha224", TSIG.HMAC_SHA224,
          "hmac-sha256", TSIG.HMAC_SHA256,
          "hmac-sha384", TSIG.HMAC_SHA384,
          "hmac-sha512", TSIG.HMAC_SHA512);

  private static final String SECRET = "([A-Za-z0-9+/]+=*)";

  /** The form of {@code nsupdate -y}; keymgr of Knot DNS prints it after a comment sign. */
  private static final Pattern LINE =
      Pattern.compile("(?m)^[# \\t]*([\\w-]+):([^:\\s]+):" + SECRET + "\\s*$");

  private static final Pattern BIND =
      Pattern.compile("key\\s+\"?([^\"\\s{]+)\"?\\s*\\{([^{}]*)\\}");
  private static final Pattern BIND_ALGORITHM =
      Pattern.compile("algorithm\\s+\"?([\\w-]+)\\.?\"?\\s*;");
  private static final Pattern BIND_SECRET = Pattern.compile("secret\\s+\"?" + SECRET + "\"?\\s*;");

  /**
   * Reads the key of {@code acme.dns01.rfc2136.keyFile}.
   *
   * @throws DnsException when the file cannot be read or contains no usable key
   */
  static TsigKey read(Path file) {
    try (var in = Files.newInputStream(file)) {
      return parse(file, new String(in.readNBytes(MAX_BYTES), StandardCharsets.ISO_8859_1));
    } catch (IOException e) {
      throw unusable(file, "cannot be read: " + e.getMessage(), e);
    }
  }

  private static TsigKey parse(Path file, String text) {
    Matcher line = LINE.matcher(text);
    if (line.find()) {
      return of(file, line.group(1), line.group(2), line.group(3));
    }
    Matcher bind = BIND.matcher(text);
    Optional<String> algorithm = Optional.empty();
    Optional<String> secret = Optional.empty();
    if (bind.find()) {
      algorithm = first(BIND_ALGORITHM, bind.group(2));
      secret = first(BIND_SECRET, bind.group(2));
    }
    if (algorithm.isEmpty() || secret.isEmpty()) {
      throw unusable(
          file,
          "contains no TSIG key; write one line ALGORITHM:NAME:SECRET, such as the first line that"
              + " keymgr -t NAME prints, or the key statement that tsig-keygen NAME prints",
          null);
    }
    return of(file, algorithm.get(), bind.group(1), secret.get());
  }

  private static Optional<String> first(Pattern pattern, String text) {
    Matcher matcher = pattern.matcher(text);
    return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
  }

  private static TsigKey of(Path file, String algorithm, String name, String secret) {
    Name known = ALGORITHMS.get(algorithm.toLowerCase(Locale.ROOT));
    if (known == null) {
      throw unusable(
          file,
          "has the algorithm %s; use one of hmac-sha224, hmac-sha256, hmac-sha384 and hmac-sha512"
              .formatted(algorithm),
          null);
    }
    try {
      Name absolute = Name.fromString(name, Name.root);
      return new TsigKey(absolute, new TSIG(known, absolute, Base64.getDecoder().decode(secret)));
    } catch (TextParseException | IllegalArgumentException e) {
      throw unusable(file, "contains a key that cannot be used: " + e.getMessage(), e);
    }
  }

  private static DnsException unusable(Path file, String why, @Nullable Exception cause) {
    String message = "the file %s (acme.dns01.rfc2136.keyFile) %s".formatted(file, why);
    return cause == null ? new DnsException(message) : new DnsException(message, cause);
  }

  /** Returns the name without the dot at the end. */
  String displayName() {
    return name.toString(true);
  }

  /** Omits the secret, because the text may be logged. */
  @Override
  public String toString() {
    return "TSIG key " + displayName();
  }
}
