package io.dropserver.egress;

import java.util.Locale;
import java.util.Optional;

/**
 * A URL, normalised once: the same value is matched, connected to and sent.
 *
 * @param scheme {@code http} or {@code https}; WebSocket schemes become these
 * @param host lower case: a DNS name without a trailing dot, an IPv4 address in dotted decimal, or
 *     an IPv6 address without brackets
 * @param port 1 to 65535; the scheme's default if the URL has none
 * @param path starts with a slash; no dot segments; percent-encoding in one form
 * @param query without its question mark; empty if there is none
 */
public record Destination(Scheme scheme, Host host, int port, String path, Optional<String> query) {

  private static final int MAX_URL = 8192;
  private static final int MAX_PORT = 65_535;

  public enum Scheme {
    HTTP("http", 80),
    HTTPS("https", 443);

    private final String text;
    private final int defaultPort;

    Scheme(String text, int defaultPort) {
      this.text = text;
      this.defaultPort = defaultPort;
    }

    public String text() {
      return text;
    }

    public int defaultPort() {
      return defaultPort;
    }
  }

  /**
   * Parses an absolute URL like the WHATWG URL standard, and refuses everything that two parsers
   * could interpret differently: white space and control characters, backslashes, credentials,
   * escapes in the host, characters outside ASCII.
   *
   * @throws DestinationException with a sentence for the author of the URL
   */
  public static Destination parse(String url) {
    if (url.length() > MAX_URL) {
      throw new DestinationException("the URL is longer than " + MAX_URL + " characters");
    }
    for (int i = 0; i < url.length(); i++) {
      char c = url.charAt(i);
      if (c <= ' ' || c >= 0x7f) {
        throw new DestinationException(
            "the URL contains white space, a control character or a character outside ASCII; write"
                + " it percent-encoded, and a host name in its xn-- form");
      }
      if (c == '\\') {
        throw new DestinationException("the URL contains a backslash");
      }
    }
    int schemeEnd = url.indexOf("://");
    if (schemeEnd < 1) {
      throw new DestinationException("the URL has no scheme; write https://host/");
    }
    Scheme scheme = scheme(url.substring(0, schemeEnd).toLowerCase(Locale.ROOT));
    String rest = url.substring(schemeEnd + 3);
    int fragment = rest.indexOf('#');
    if (fragment >= 0) {
      rest = rest.substring(0, fragment);
    }
    int authorityEnd = firstOf(rest, '/', '?');
    String authority = rest.substring(0, authorityEnd);
    if (authority.indexOf('@') >= 0) {
      throw new DestinationException("the URL contains a user name or password; use a header");
    }
    String remainder = rest.substring(authorityEnd);
    int question = remainder.indexOf('?');
    String path = question < 0 ? remainder : remainder.substring(0, question);
    Optional<String> query =
        question < 0 ? Optional.empty() : Optional.of(remainder.substring(question + 1));
    int portColon = portColon(authority);
    String host = portColon < 0 ? authority : authority.substring(0, portColon);
    int port =
        portColon < 0 ? scheme.defaultPort : port(authority.substring(portColon + 1), scheme);
    return new Destination(scheme, Host.parse(host), port, UrlPath.normalise(path), query);
  }

  /** Returns {@code scheme://host:port/}, which is the subject of one approval request. */
  public String origin() {
    return scheme.text + "://" + host.authority() + ":" + port + "/";
  }

  /** Returns the URL without the query, which can contain secrets. */
  public String withoutQuery() {
    return scheme.text + "://" + hostHeader() + path;
  }

  /** Returns the value of the {@code Host} header. */
  public String hostHeader() {
    return port == scheme.defaultPort ? host.authority() : host.authority() + ":" + port;
  }

  private static Scheme scheme(String text) {
    return switch (text) {
      case "http", "ws" -> Scheme.HTTP;
      case "https", "wss" -> Scheme.HTTPS;
      default ->
          throw new DestinationException(
              "the scheme is not http, https, ws or wss, the only schemes that are allowed");
    };
  }

  /** Returns the index of the colon before the port; colons of an IPv6 address do not count. */
  private static int portColon(String authority) {
    int bracket = authority.lastIndexOf(']');
    int colon = authority.lastIndexOf(':');
    return colon > bracket ? colon : -1;
  }

  private static int port(String text, Scheme scheme) {
    if (text.isEmpty()) {
      return scheme.defaultPort;
    }
    int port = port(text);
    if (port == 0) {
      throw new DestinationException("the port is not a number from 1 to " + MAX_PORT);
    }
    return port;
  }

  /** Returns the port that the text names, or 0 if it names none. */
  public static int port(String text) {
    boolean digits =
        !text.isEmpty() && text.length() <= 5 && text.chars().allMatch(c -> c >= '0' && c <= '9');
    int port = digits ? Integer.parseInt(text) : 0;
    return port <= MAX_PORT ? port : 0;
  }

  private static int firstOf(String text, char one, char other) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) == one || text.charAt(i) == other) {
        return i;
      }
    }
    return text.length();
  }

  @Override
  public String toString() {
    return withoutQuery();
  }
}
