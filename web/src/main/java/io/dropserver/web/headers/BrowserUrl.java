package io.dropserver.web.headers;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A URL in a whitelist's {@code browser:} section, and its translation into CSP sources and URL
 * patterns. An entry whose translation would grant more than the URL is ignored. Immutable.
 *
 * @param host a name, {@code *.name} or an IPv6 address in brackets
 * @param port 0 for the default port of the scheme
 * @param path a prefix of whole segments, beginning with a slash
 */
record BrowserUrl(String scheme, String host, int port, String path) {
  // Excludes characters that end a CSP source, quote a string or have a meaning in a URL pattern.
  private static final Pattern PATTERN =
      Pattern.compile(
          "(https?|wss?)://((?:\\*\\.)?[a-z0-9._-]+|\\[[0-9a-f:.]+\\])(?::([0-9]{1,5}))?"
              + "((?:/[A-Za-z0-9._~%@!$&=-]*)*)");

  static Optional<BrowserUrl> of(String url) {
    int hostEnd = url.indexOf('/', url.indexOf("://") + 3);
    String start = hostEnd < 0 ? url : url.substring(0, hostEnd);
    String rest = hostEnd < 0 ? "" : url.substring(hostEnd);
    Matcher shape = PATTERN.matcher(start.toLowerCase(Locale.ROOT) + rest);
    if (!shape.matches()) {
      return Optional.empty();
    }
    String port = shape.group(3);
    return Optional.of(
        new BrowserUrl(
            shape.group(1),
            shape.group(2),
            port == null ? 0 : Integer.parseInt(port),
            shape.group(4).isEmpty() ? "/" : shape.group(4)));
  }

  private String origin() {
    return scheme + "://" + host + (port == 0 ? "" : ":" + port);
  }

  private boolean endsWithSlash() {
    return path.endsWith("/");
  }

  /**
   * Returns CSP sources. In CSP, a path with a trailing slash is a prefix, and any other path must
   * match exactly.
   */
  List<String> contentSecuritySources() {
    String exact = origin() + path;
    return endsWithSlash() ? List.of(exact) : List.of(exact, exact + "/");
  }

  /** Returns URL patterns for {@code Connection-Allowlist}. */
  List<String> connectionPatterns() {
    String exact = origin() + path;
    return endsWithSlash()
        ? List.of("\"" + exact + "*\"")
        : List.of("\"" + exact + "\"", "\"" + exact + "/*\"");
  }

  /** Returns whether this entry covers an absolute URL. */
  boolean covers(String url) {
    try {
      URI uri = new URI(url).normalize();
      return uri.getHost() != null
          && uri.getRawUserInfo() == null
          && scheme.equalsIgnoreCase(uri.getScheme())
          && coversHost(uri.getHost().toLowerCase(Locale.ROOT))
          && standardPort(port) == standardPort(Math.max(uri.getPort(), 0))
          && coversPath(uri.getRawPath().isEmpty() ? "/" : uri.getRawPath());
    } catch (URISyntaxException e) {
      return false;
    }
  }

  private int standardPort(int written) {
    if (written != 0) {
      return written;
    }
    return scheme.equals("https") || scheme.equals("wss") ? 443 : 80;
  }

  private boolean coversHost(String other) {
    return host.startsWith("*.") ? other.endsWith(host.substring(1)) : other.equals(host);
  }

  private boolean coversPath(String other) {
    String lower = other.toLowerCase(Locale.ROOT);
    if (lower.contains("%2e") || lower.contains("/../") || lower.endsWith("/..")) {
      return path.equals("/"); // browsers resolve escaped dot segments, which normalize() does not
    }
    return endsWithSlash()
        ? other.startsWith(path)
        : other.equals(path) || other.startsWith(path + "/");
  }
}
