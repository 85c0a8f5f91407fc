package io.dropserver.web.site;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Somebody's browser on the shell's host, as far as cookies and {@code Origin} go. */
final class ShellClient {
  static final String COOKIE = "__Host-dropserver-session";

  private final DoorFixture door;

  /** What the session cookie holds; empty while it is not logged in. */
  String session = "";

  ShellClient(DoorFixture door) {
    this.door = door;
  }

  String origin() {
    return "http://" + DoorFixture.DOMAIN + ":" + door.port();
  }

  /** Somebody for whom an operator made a link, who followed it. */
  static ShellClient loggedIn(DoorFixture door, String user) throws IOException {
    ShellClient client = new ShellClient(door);
    client.post("/enrol", "token", token(door.desk().enroll(user, false)));
    return client;
  }

  static String token(String url) {
    return url.substring(url.indexOf("token=") + 6);
  }

  Client.Answer get(String path, String... headers) throws IOException {
    return send("GET", path, "", headers);
  }

  /** A form of the shell's own page; names and values by turns. */
  Client.Answer post(String path, String... fields) throws IOException {
    return send("POST", path, form(fields), "Origin: " + origin(), "Sec-Fetch-Site: same-origin");
  }

  static String form(String... fields) {
    StringBuilder form = new StringBuilder();
    for (int i = 0; i < fields.length; i += 2) {
      form.append(i == 0 ? "" : "&").append(fields[i]).append('=');
      form.append(URLEncoder.encode(fields[i + 1], StandardCharsets.UTF_8));
    }
    return form.toString();
  }

  /** Keeps the cookie that comes back. */
  Client.Answer send(String method, String path, String body, String... headers)
      throws IOException {
    StringBuilder request = new StringBuilder(method + " " + path + " HTTP/1.1\r\n");
    request.append("Host: ").append(DoorFixture.DOMAIN).append(':').append(door.port());
    request.append("\r\nAccept: text/html\r\n");
    if (!session.isEmpty()) {
      request.append("Cookie: " + COOKIE + "=").append(session).append("\r\n");
    }
    for (String header : headers) {
      request.append(header).append("\r\n");
    }
    if (method.equals("POST")) {
      request.append("Content-Type: application/x-www-form-urlencoded\r\n");
      request.append("Content-Length: ").append(body.length()).append("\r\n");
    }
    Client.Answer answer = Client.ask(door.port(), request + "\r\n" + body);
    cookie(answer).ifPresent(value -> session = value);
    return answer;
  }

  /** What an answer sets the session cookie to. */
  static Optional<String> cookie(Client.Answer answer) {
    return answer
        .header("Set-Cookie")
        .filter(header -> header.startsWith(COOKIE + "="))
        .map(header -> header.substring(COOKIE.length() + 1, header.indexOf(';')));
  }

  /** Whether the account page opens. */
  boolean isLoggedIn() throws IOException {
    return get("/account").status() == 200;
  }
}
