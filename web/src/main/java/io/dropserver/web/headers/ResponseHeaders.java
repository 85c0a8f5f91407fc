package io.dropserver.web.headers;

import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.jspecify.annotations.Nullable;

/** Filters the headers of an app's response. */
public final class ResponseHeaders {
  private static final Set<String> DROPPED =
      Set.of(
          // hop-by-hop, and framing
          "connection",
          "keep-alive",
          "proxy-connection",
          "proxy-authenticate",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade",
          "http2-settings",
          "date",
          // for intermediate caches, which would share what Cache-Control makes private
          "cdn-cache-control",
          "cloudflare-cdn-cache-control",
          "edge-control",
          // policies that only this server may set
          "x-content-security-policy",
          "x-webkit-csp",
          "x-webkit-csp-report-only",
          "strict-transport-security",
          "clear-site-data",
          "service-worker-allowed",
          "report-to",
          "reporting-endpoints",
          "nel",
          "refresh",
          "alt-svc",
          "alternate-protocol",
          "referrer-policy",
          "x-content-type-options",
          "x-dns-prefetch-control",
          "x-frame-options",
          "x-xss-protection",
          "x-permitted-cross-domain-policies",
          "origin-agent-cluster",
          "feature-policy",
          "integrity-policy",
          "integrity-policy-report-only",
          "timing-allow-origin",
          "supports-loading-mode",
          "speculation-rules",
          "activate-storage-access",
          "shared-storage-write",
          "observe-browsing-topics",
          "set-login",
          "accept-ch",
          "critical-ch",
          "accept-ch-lifetime",
          "expect-ct",
          "expect-staple",
          "x-sendfile",
          "x-lighttpd-send-file",
          "set-cookie2",
          "origin-trial");

  /** They make a browser ask for a password in a dialog of its own, on behalf of the app's host. */
  private static final Set<String> PROMPTING = Set.of("www-authenticate", "authentication-info");

  private static final String[] DROPPED_PREFIXES = {
    "access-control-",
    "content-security-policy",
    "cross-origin-",
    "permissions-policy",
    "connection-allowlist",
    "document-isolation-policy",
    "document-policy",
    "require-document-policy",
    "public-key-pins",
    "attribution-reporting-",
    "ad-auction-",
    "x-accel-",
    "surrogate-",
    "dropserver-",
    "proxy-",
    "sec-",
    "secure-session-"
  };

  private static final Pattern FILE_NAME =
      Pattern.compile(
          ";\\s*(filename=\"[^\"\\\\\\p{Cntrl}]+\"|filename\\*?=[\\w!#$&+.^`|~%'-]+)\\s*(?=;|$)",
          Pattern.CASE_INSENSITIVE);

  private ResponseHeaders() {}

  /**
   * Adds the permitted headers of the app, and the policy.
   *
   * @param to the recipient; a response that sets a cookie is personal in any case
   * @return why the whole response must be refused; the browser's headers are then incomplete
   */
  public static Optional<String> forBrowser(
      int status,
      HttpFields app,
      Origin own,
      PolicyHeaders policy,
      ResponseRecipient to,
      HttpFields.Mutable browser) {
    Set<String> named = ConnectionOptions.of(app);
    for (HttpField field : app) {
      HttpHeader header = field.getHeader();
      if (header == HttpHeader.LOCATION && status >= 300 && status < 400) {
        if (!LocationPolicy.isRedirectAllowed(field.getValue(), own, policy)) {
          return Optional.of(
              "the app redirects to another origin, which its whitelist's browser.links does not"
                  + " allow");
        }
        browser.add(field);
      } else if (header == HttpHeader.SET_COOKIE) {
        AppCookies.toBrowser(field.getValue())
            .ifPresent(c -> browser.add(HttpHeader.SET_COOKIE, c));
      } else if (header != HttpHeader.CACHE_CONTROL && isForwarded(field, own, named, to)) {
        browser.add(field);
      }
    }
    cacheControl(app, to).ifPresent(value -> browser.add(HttpHeader.CACHE_CONTROL, value));
    if (opensInViewer(app)) {
      browser.put(
          HttpHeader.CONTENT_DISPOSITION,
          attachmentDisposition(app.get(HttpHeader.CONTENT_DISPOSITION)));
    }
    policy.appendTo(browser);
    return Optional.empty();
  }

  /**
   * Whether a browser would show the response in a built-in viewer, whose links and forms escape
   * the policy: Chromium's viewer asks for no confirmation, and Firefox connects to a link's target
   * when the mouse button is pressed on it. {@code nosniff} covers the other types.
   */
  private static boolean opensInViewer(HttpFields app) {
    return app.getValuesList(HttpHeader.CONTENT_TYPE).stream()
        .anyMatch(type -> type.toLowerCase(Locale.ROOT).contains("pdf"));
  }

  /** Builds the header of RFC 6266 with the app's file names, as far as they are unambiguous. */
  private static String attachmentDisposition(@Nullable String disposition) {
    StringBuilder kept = new StringBuilder("attachment");
    Matcher name = FILE_NAME.matcher(disposition == null ? "" : disposition);
    while (name.find()) {
      kept.append("; ").append(name.group(1));
    }
    return kept.toString();
  }

  /**
   * Computes Cache-Control. Documents are fetched again each time: a cached document could be shown
   * after a log-out, or run as a page of another appspace that now uses its host.
   */
  private static Optional<String> cacheControl(HttpFields app, ResponseRecipient to) {
    boolean personal = to.personal() || app.contains(HttpHeader.SET_COOKIE);
    String sent = String.join(", ", app.getValuesList(HttpHeader.CACHE_CONTROL));
    if (to.document()) {
      return Optional.of((personal ? "private, " : "") + "no-cache, no-store");
    }
    if (to.members() && isHtml(app)) {
      boolean unstored = sent.toLowerCase(Locale.ROOT).contains("no-store");
      return Optional.of("private, no-cache" + (unstored ? ", no-store" : ""));
    }
    if (personal) {
      return Optional.of(privateDirectives(sent));
    }
    return sent.isEmpty() ? Optional.empty() : Optional.of(sent);
  }

  private static boolean isHtml(HttpFields app) {
    return app.getValuesList(HttpHeader.CONTENT_TYPE).stream()
        .map(type -> type.toLowerCase(Locale.ROOT))
        .anyMatch(type -> type.contains("html"));
  }

  private static boolean isForwarded(
      HttpField field, Origin own, Set<String> named, ResponseRecipient to) {
    String name = field.getLowerCaseName();
    if (DROPPED.contains(name) || named.contains(name)) {
      return false;
    }
    if (to.browser() && PROMPTING.contains(name)) {
      return false;
    }
    for (String prefix : DROPPED_PREFIXES) {
      if (name.startsWith(prefix)) {
        return false;
      }
    }
    return switch (name) {
      case "link" -> LocationPolicy.areLinksSameOrigin(field.getValue(), own);
      case "sourcemap", "x-sourcemap", "content-location" ->
          LocationPolicy.isSameOrigin(field.getValue(), own);
      default -> true;
    };
  }

  private static String privateDirectives(String cacheControl) {
    StringBuilder kept = new StringBuilder("private");
    for (String directive : cacheControl.split(",", -1)) {
      String lower = directive.strip().toLowerCase(Locale.ROOT);
      boolean shared =
          lower.startsWith("public") || lower.startsWith("s-maxage") || lower.startsWith("private");
      if (!shared && !lower.isEmpty()) {
        kept.append(", ").append(lower);
      }
    }
    return kept.toString();
  }
}
