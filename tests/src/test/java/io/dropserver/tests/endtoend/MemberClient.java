package io.dropserver.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A member who has entered an appspace through a login link and the shell's page. Thread-safe. */
final class MemberClient implements AutoCloseable {
  private static final Pattern BINDING = Pattern.compile("data-binding=\"([0-9a-f]{64})\"");
  private static final String SESSION = "__Host-dropserver-session";
  private static final String NONCE = "__Host-dropserver-nonce";

  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();
  private final URI shell;
  private final String appspace;
  private final String atShell;
  private final String cookie;

  private MemberClient(URI shell, String link, String appspace)
      throws IOException, InterruptedException {
    this.shell = shell;
    this.appspace = appspace + "." + shell.getAuthority();
    String token = link.replaceFirst(".*token=", "");
    this.atShell = cookie(post(shell.getAuthority(), "/enrol", "", form("token", token)), SESSION);

    HttpResponse<String> asking =
        http.send(
            request(this.appspace, "/.dropserver/enter", "")
                .header("Sec-Fetch-Mode", "navigate")
                .header("Sec-Fetch-Dest", "iframe")
                .build(),
            BodyHandlers.ofString());
    Matcher binding = BINDING.matcher(asking.body());
    assertThat(binding.find()).as(asking.body()).isTrue();
    String host = this.appspace.substring(0, this.appspace.indexOf(':'));
    HttpResponse<String> code =
        post(
            shell.getAuthority(),
            "/enter",
            atShell,
            form("host", host) + "&" + form("binding", binding.group(1)));
    assertThat(code.statusCode()).as(code.body()).isEqualTo(200);
    this.cookie =
        cookie(
            post(
                this.appspace,
                "/.dropserver/enter",
                cookie(asking, NONCE),
                form("code", code.body())),
            SESSION);
  }

  /**
   * @param user a member of the appspace
   * @param appspace its name, which is also its host
   */
  static MemberClient enter(LiveInstance instance, String user, String appspace)
      throws IOException, InterruptedException {
    return enter(URI.create(instance.status().shellUrl()), instance.enroll(user), appspace);
  }

  /**
   * @param shell the URL of the shell, on this machine
   * @param link a login link that was not used yet
   * @param appspace its host below the shell's
   */
  static MemberClient enter(URI shell, String link, String appspace)
      throws IOException, InterruptedException {
    return new MemberClient(shell, link, appspace);
  }

  /** Returns the value of the header Cookie of requests to the appspace. */
  String cookie() {
    return cookie;
  }

  HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return http.send(request(appspace, path, cookie).build(), BodyHandlers.ofString());
  }

  /**
   * Sends a form with the headers of the shell's own pages.
   *
   * @param form encoded
   */
  HttpResponse<String> submit(String path, String form) throws IOException, InterruptedException {
    return post(shell.getAuthority(), path, atShell, form);
  }

  /** Requests a page of the shell. */
  HttpResponse<String> shell(String path) throws IOException, InterruptedException {
    return http.send(request(shell.getAuthority(), path, atShell).build(), BodyHandlers.ofString());
  }

  /** Requests a stream of the shell, and returns when its head has arrived. */
  HttpResponse<InputStream> shellStream(String path) throws IOException, InterruptedException {
    return http.send(
        request(shell.getAuthority(), path, atShell).build(), BodyHandlers.ofInputStream());
  }

  /**
   * Sends a form of the appspace's own page.
   *
   * @param form encoded
   */
  HttpResponse<String> post(String path, String form) throws IOException, InterruptedException {
    return http.send(
        request(appspace, path, cookie)
            .header("Origin", "http://" + appspace)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(BodyPublishers.ofString(form))
            .build(),
        BodyHandlers.ofString());
  }

  /** Returns the stream of a response once its head has arrived. */
  InputStream stream(String path) throws IOException, InterruptedException {
    HttpResponse<InputStream> response =
        http.send(request(appspace, path, cookie).build(), BodyHandlers.ofInputStream());
    assertThat(response.statusCode()).isEqualTo(200);
    return response.body();
  }

  CompletableFuture<WebSocket> webSocket(String path, WebSocket.Listener listener) {
    return http.newWebSocketBuilder()
        .header("Host", appspace)
        .header("Origin", "http://" + appspace)
        .header("Cookie", cookie)
        .buildAsync(URI.create("ws://127.0.0.1:" + shell.getPort() + path), listener);
  }

  private HttpResponse<String> post(String authority, String path, String cookie, String form)
      throws IOException, InterruptedException {
    return http.send(
        request(authority, path, cookie)
            .header("Origin", shell.toString())
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(BodyPublishers.ofString(form))
            .build(),
        BodyHandlers.ofString());
  }

  private HttpRequest.Builder request(String authority, String path, String cookie) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + shell.getPort() + path))
            .header("Host", authority)
            .timeout(LiveInstance.TIMEOUT);
    return cookie.isEmpty() ? request : request.header("Cookie", cookie);
  }

  static String form(String name, String value) {
    return name + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8);
  }

  /** Returns the cookie as the browser would send it. */
  private static String cookie(HttpResponse<String> response, String name) {
    return response.headers().allValues("Set-Cookie").stream()
        .filter(each -> each.startsWith(name + "="))
        .map(each -> each.substring(0, each.indexOf(';')))
        .findFirst()
        .orElseThrow(() -> new AssertionError(response.statusCode() + " " + response.body()));
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
