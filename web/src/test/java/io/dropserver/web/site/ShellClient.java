package io.dropserver.web.site;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A browser on the shell's host, as far as cookies and {@code Origin} are concerned. */
final class ShellClient {
  static final String COOKIE = "__Host-dropserver-session";
  private static final String NONCE = "__Host-dropserver-nonce";
  private static final Pattern BINDING = Pattern.compile("data-binding=\"([0-9a-f]{64})\"");
  private static final String BROWSER = "__Host-dropserver-browser";

  private final FrontDoorFixture door;

  /** The value of the session cookie; empty when not logged in. */
  String session = "";

  /**
   * The value of the cookie that passkey challenges are bound to; empty before the first challenge.
   */
  String browser = "";

  ShellClient(FrontDoorFixture door) {
    this.door = door;
  }

  String origin() {
    return "http://" + FrontDoorFixture.DOMAIN + ":" + door.port();
  }

  /** A browser that has opened a login link of this user. */
  static ShellClient loggedIn(FrontDoorFixture door, String user) throws IOException {
    ShellClient client = new ShellClient(door);
    client.post("/enrol", "token", token(door.desk().enroll(user, false)));
    return client;
  }

  static String token(String url) {
    return url.substring(url.indexOf("token=") + 6);
  }

  RawHttpClient.Answer get(String path, String... headers) throws IOException {
    return send("GET", path, "", headers);
  }

  /** Sends a form of the shell's own page, with alternating names and values. */
  RawHttpClient.Answer post(String path, String... fields) throws IOException {
    return send("POST", path, form(fields), "Origin: " + origin(), "Sec-Fetch-Site: same-origin");
  }

  RawHttpClient.Answer post(String path, Map<String, String> fields) throws IOException {
    String[] flat =
        fields.entrySet().stream()
            .flatMap(field -> Stream.of(field.getKey(), field.getValue()))
            .toArray(String[]::new);
    return post(path, flat);
  }

  static String form(String... fields) {
    StringBuilder form = new StringBuilder();
    for (int i = 0; i < fields.length; i += 2) {
      form.append(i == 0 ? "" : "&").append(fields[i]).append('=');
      form.append(URLEncoder.encode(fields[i + 1], StandardCharsets.UTF_8));
    }
    return form.toString();
  }

  /** Sends a request and stores the returned cookies. */
  RawHttpClient.Answer send(String method, String path, String body, String... headers)
      throws IOException {
    StringBuilder request = new StringBuilder(method + " " + path + " HTTP/1.1\r\n");
    request.append("Host: ").append(FrontDoorFixture.DOMAIN).append(':').append(door.port());
    request.append("\r\nAccept: text/html\r\n");
    String separator = "Cookie: ";
    if (!browser.isEmpty()) {
      request.append(separator + BROWSER + "=").append(browser);
      separator = "; ";
    }
    if (!session.isEmpty()) {
      request.append(separator + COOKIE + "=").append(session);
      separator = "; ";
    }
    request.append(separator.equals("; ") ? "\r\n" : "");
    for (String header : headers) {
      request.append(header).append("\r\n");
    }
    if (method.equals("POST")) {
      request.append("Content-Type: application/x-www-form-urlencoded\r\n");
      request.append("Content-Length: ").append(body.length()).append("\r\n");
    }
    RawHttpClient.Answer response = RawHttpClient.ask(door.port(), request + "\r\n" + body);
    cookie(response).ifPresent(value -> session = value);
    cookie(response, BROWSER).ifPresent(value -> browser = value);
    return response;
  }

  /** The value that a response sets the session cookie to. */
  static Optional<String> cookie(RawHttpClient.Answer response) {
    return cookie(response, COOKIE);
  }

  private static Optional<String> cookie(RawHttpClient.Answer response, String name) {
    String start = "set-cookie: " + name.toLowerCase(Locale.ROOT) + "=";
    return response.headers().stream()
        .filter(header -> header.toLowerCase(Locale.ROOT).startsWith(start))
        .map(header -> header.substring(start.length(), header.indexOf(';')))
        .findFirst();
  }

  /** Whether the account page opens. */
  boolean isLoggedIn() throws IOException {
    return get("/account").status() == 200;
  }

  /**
   * Enters an appspace in a frame of the shell.
   *
   * @return the header with the cookie of the appspace's host
   */
  String enter(String appspace) throws IOException {
    RawHttpClient.Answer page =
        door.get(
            appspace,
            "/.dropserver/enter",
            "Sec-Fetch-Site: same-site",
            "Sec-Fetch-Mode: navigate",
            "Sec-Fetch-Dest: iframe");
    Matcher binding = BINDING.matcher(page.body());
    assertThat(binding.find()).as(page.body()).isTrue();
    String host = appspace + "." + FrontDoorFixture.DOMAIN;
    RawHttpClient.Answer code = post("/enter", "host", host, "binding", binding.group(1));
    assertThat(code.status()).as(code.body()).isEqualTo(200);
    String form = form("code", code.body(), "to", "/page?a=b");
    RawHttpClient.Answer entered =
        RawHttpClient.ask(
            door.port(),
            door.request(
                    "POST",
                    appspace,
                    "/.dropserver/enter",
                    "Cookie: " + NONCE + "=" + cookie(page, NONCE).orElseThrow(),
                    "Content-Length: " + form.length(),
                    "Origin: " + origin())
                + form);
    assertThat(entered.header("Location")).hasValue("http://" + door.host(appspace) + "/page?a=b");
    return "Cookie: " + COOKIE + "=" + cookie(entered).orElseThrow();
  }
}
