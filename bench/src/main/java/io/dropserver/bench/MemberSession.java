package io.dropserver.bench;

import io.dropserver.web.control.UserClient;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A member's session on an appspace's host, obtained like in a browser: with a login link and the
 * shell's page.
 *
 * @param cookie the session cookie for requests to the appspace
 */
record MemberSession(String cookie) {
  private static final String SESSION = "__Host-dropserver-session";
  private static final String NONCE = "__Host-dropserver-nonce";
  private static final String ENTER = "/.dropserver/enter";
  private static final Pattern BINDING = Pattern.compile("data-binding=\"([0-9a-f]{64})\"");
  private static final Pattern BODY = Pattern.compile("(?m)^([A-Za-z0-9_-]{43})\r?$");

  /**
   * @param state state folder of the server
   * @param host host name of the appspace
   */
  static MemberSession enter(BenchServer server, Path state, String user, String host)
      throws IOException {
    SocketAddress address = HttpProbe.loopback(server.port());
    String shell = "http://" + BenchInstance.DOMAIN + ":" + server.port();
    String token = new UserClient(state).enroll(user, false).replaceFirst(".*token=", "");
    String shellCookie =
        cookie(post(address, BenchInstance.DOMAIN, shell, "/enrol", "", "token=" + token), SESSION);
    String entrancePage =
        HttpProbe.exchange(
            address,
            "GET "
                + ENTER
                + " HTTP/1.1\r\nHost: "
                + host
                + "\r\nConnection: close\r\n"
                + "Sec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: iframe\r\n\r\n");
    String form = "host=" + host + "&binding=" + find(BINDING, entrancePage);
    String code =
        find(BODY, post(address, BenchInstance.DOMAIN, shell, "/enter", shellCookie, form));
    String response =
        post(
            address,
            host,
            shell,
            ENTER,
            cookie(entrancePage, NONCE),
            "code=" + URLEncoder.encode(code, StandardCharsets.UTF_8));
    return new MemberSession(cookie(response, SESSION));
  }

  private static String post(
      SocketAddress address, String host, String origin, String path, String cookie, String form)
      throws IOException {
    return HttpProbe.exchange(
        address,
        "POST %s HTTP/1.1\r\nHost: %s\r\nOrigin: %s\r\nConnection: close\r\n%sContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s"
            .formatted(
                path,
                host,
                origin,
                cookie.isEmpty() ? "" : "Cookie: " + cookie + "\r\n",
                form.length(),
                form));
  }

  private static String cookie(String answer, String name) throws IOException {
    return name + "=" + find(Pattern.compile(name + "=([A-Za-z0-9_-]+);"), answer);
  }

  private static String find(Pattern pattern, String answer) throws IOException {
    Matcher found = pattern.matcher(answer);
    if (!found.find()) {
      throw new IOException("no " + pattern + " in: " + answer);
    }
    return found.group(1);
  }
}
