package io.dropserver.web.headers;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;

/** Creates the headers of a request to an app from the client's headers. Thread-safe. */
public final class RequestHeaders {
  private static final Set<String> DROPPED =
      Set.of(
          // hop-by-hop: RFC 9110, section 7.6.1
          "connection",
          "keep-alive",
          "proxy-connection",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade",
          "http2-settings",
          "proxy-authorization",
          "proxy-authenticate",
          // handled by this server
          "content-length",
          "expect",
          "host",
          "cookie",
          "cookie2",
          // about the client and its connection: only this server may set them
          "forwarded",
          "via",
          "x-real-ip",
          "x-client-ip",
          "true-client-ip",
          "cf-connecting-ip",
          "client-ip",
          "front-end-https",
          "x-original-url",
          "x-rewrite-url",
          "x-original-host",
          "x-host",
          "x-http-host-override",
          // httpoxy: CGI passes this header to programs as the variable HTTP_PROXY
          "proxy");
  private static final List<String> DROPPED_PREFIXES = List.of("x-forwarded-", "x-envoy-");

  /**
   * No client header whose letters and digits contain this name reaches an app, because a framework
   * may take {@code X-Dropserver-Job} or {@code Drop.Server_Job} for a header of this server.
   */
  private static final String OWN_NAME = "dropserver";

  /** CGI-like servers do not distinguish {@code X_Real.IP} from {@code X-Real-IP}. */
  private static final Pattern NOT_ALPHANUMERIC = Pattern.compile("[^a-z0-9]");

  private RequestHeaders() {}

  /**
   * Returns the end-to-end headers without those that a client must not set. The caller adds the
   * headers that frame the body.
   *
   * @param own the appspace's origin, for {@code Host} and {@code X-Forwarded-*}
   */
  public static HttpFields.Mutable forApp(HttpFields client, Origin own) {
    HttpFields.Mutable app = HttpFields.build();
    app.add(HttpHeader.HOST, own.authority());
    app.add("X-Forwarded-Host", own.authority());
    app.add("X-Forwarded-Proto", own.scheme());
    Set<String> named = ConnectionOptions.of(client);
    for (HttpField field : client) {
      if (isForwarded(field, named)) {
        app.add(field);
      }
    }
    if (client.contains(HttpHeader.COOKIE)) {
      AppCookies.toApp(String.join(";", client.getValuesList(HttpHeader.COOKIE)))
          .ifPresent(cookie -> app.add(HttpHeader.COOKIE, cookie));
    }
    return app;
  }

  private static boolean isForwarded(HttpField field, Set<String> named) {
    String name = field.getLowerCaseName();
    if (named.contains(name)) {
      return false;
    }
    String folded = NOT_ALPHANUMERIC.matcher(name).replaceAll("-");
    return !DROPPED.contains(folded)
        && DROPPED_PREFIXES.stream().noneMatch(folded::startsWith)
        && !folded.replace("-", "").contains(OWN_NAME);
  }

  /** Returns whether the request is for the script of a service worker. */
  public static boolean isServiceWorkerScript(HttpFields client) {
    return client.contains("Service-Worker")
        || "serviceworker".equals(lower(client.get("Sec-Fetch-Dest")));
  }

  private static String lower(@org.jspecify.annotations.Nullable String value) {
    return value == null ? "" : value.strip().toLowerCase(Locale.ROOT);
  }
}
