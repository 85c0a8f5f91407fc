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

/** Creates the headers of a response to the client from the app's headers. Thread-safe. */
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

  /** Headers with which the app's host could make a browser open its password dialog. */
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
   * Adds the permitted headers of the app and the policy headers to {@code browser}.
   *
   * @param to the recipient; a response that sets a cookie is always personal
   * @return the reason if the whole response must be refused; {@code browser} is then incomplete
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
        AppCookies.toBrowser(field.getValue(), policy.isCrossSite())
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
   * Returns whether a browser would show the response in its PDF viewer, whose links and forms
   * bypass the policy: Chromium's viewer opens links without confirmation, and Firefox connects to
   * a link's target on mouse down. {@code nosniff} prevents other types from opening in the viewer.
   */
  private static boolean opensInViewer(HttpFields app) {
    return typeContains(app, "pdf");
  }

  private static boolean typeContains(HttpFields app, String name) {
    return app.getValuesList(HttpHeader.CONTENT_TYPE).stream()
        .anyMatch(type -> type.toLowerCase(Locale.ROOT).contains(name));
  }

  /**
   * Creates {@code Content-Disposition: attachment} (RFC 6266) with those file names of the app
   * that all parsers read alike.
   */
  private static String attachmentDisposition(@Nullable String disposition) {
    StringBuilder kept = new StringBuilder("attachment");
    Matcher name = FILE_NAME.matcher(disposition == null ? "" : disposition);
    while (name.find()) {
      kept.append("; ").append(name.group(1));
    }
    return kept.toString();
  }

  /**
   * Returns Cache-Control. Documents and the scripts of workers are not cached: a browser could
   * show a cached document after a log-out, run it as a page of another appspace that now has the
   * host, or enforce a policy that has been revoked.
   */
  private static Optional<String> cacheControl(HttpFields app, ResponseRecipient to) {
    boolean personal = to.personal() || app.contains(HttpHeader.SET_COOKIE);
    String sent = String.join(", ", app.getValuesList(HttpHeader.CACHE_CONTROL));
    if (to.createsContext()) {
      return Optional.of((personal ? "private, " : "") + "no-cache, no-store");
    }
    if (to.members() && typeContains(app, "html")) {
      boolean unstored = sent.toLowerCase(Locale.ROOT).contains("no-store");
      return Optional.of("private, no-cache" + (unstored ? ", no-store" : ""));
    }
    if (personal) {
      return Optional.of(privateDirectives(sent));
    }
    return sent.isEmpty() ? Optional.empty() : Optional.of(sent);
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
