package io.dropserver.web.headers;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Checks the target of URLs in response headers. Browsers ignore tabs and line breaks in a URL, and
 * treat a backslash as a slash (WHATWG URL, section 4.4), so URLs with such characters are refused.
 * Thread-safe.
 */
final class LocationPolicy {
  /** Also matches lines, because U+0085 is a line terminator to Java but not to browsers. */
  private static final Pattern SCHEME = Pattern.compile("(?s)[A-Za-z][A-Za-z0-9+.-]*:.*");

  private static final Pattern AUTHORITY_AND_REST = Pattern.compile("(?s)(://[^/?#]*).*");
  private static final Pattern LINK =
      Pattern.compile(
          "\\s*<([^<>\"]*)>\\s*((?:;\\s*[A-Za-z0-9*_-]+\\s*(?:=\\s*(?:\"[^\"\\\\]*\"|[^\\s\",;<>]+))?\\s*)*)(?:,|$)");

  private LocationPolicy() {}

  /**
   * Returns whether a redirect is allowed: to the same origin, or to a URL that {@code
   * browser.links} of the whitelist covers.
   */
  static boolean isRedirectAllowed(String location, Origin own, PolicyHeaders policy) {
    return isSameOrigin(location, own) || policy.allowsLink(location.strip());
  }

  /** Returns whether the absolute or relative URL has the given origin. */
  static boolean isSameOrigin(String location, Origin own) {
    String url = location.strip();
    if (url.chars().anyMatch(c -> c < ' ' || c == '\\' || c == 127)) {
      return false; // parsers disagree about these characters
    }
    boolean absolute = SCHEME.matcher(url).matches();
    if (!absolute && !url.startsWith("//")) {
      return true;
    }
    String whole = absolute ? url : own.scheme() + ":" + url;
    return Origin.ofUrl(withoutPathAndQuery(whole)).equals(Optional.of(own));
  }

  /**
   * Removes the path and the query, in which browsers allow characters that {@code java.net.URI}
   * rejects.
   */
  private static String withoutPathAndQuery(String url) {
    return AUTHORITY_AND_REST.matcher(url).replaceFirst("$1");
  }

  /** Returns whether every target of a {@code Link} header has the given origin. */
  static boolean areLinksSameOrigin(String links, Origin own) {
    Matcher link = LINK.matcher(links);
    int position = 0;
    while (position < links.length()) {
      if (!link.find(position) || link.start() != position || !isSameOrigin(link.group(1), own)) {
        return false;
      }
      position = link.end();
    }
    return true;
  }
}
