package io.dropserver.web.headers;

import static io.dropserver.testing.property.Property.forAll;
import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.testing.property.Generator;
import java.util.List;
import java.util.Locale;
import org.eclipse.jetty.http.HttpFields;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestHeadersTest {
  private static final Origin OWN = Origin.of("http", "notes.home.localhost", 8080);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Accept",
        "Accept-Language",
        "Authorization",
        "Content-Type",
        "If-None-Match",
        "Origin",
        "Range",
        "Referer",
        "User-Agent",
        "Sec-Fetch-Site",
        "Sec-WebSocket-Key",
        "X-Requested-With",
        "X-Own_Name"
      })
  void endToEndHeadersPassAsSent(String name) {
    assertThat(forApp(HttpFields.build().add(name, "a, b;c=\"d\"")).get(name))
        .isEqualTo("a, b;c=\"d\"");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Connection",
        "Keep-Alive",
        "Proxy-Connection",
        "TE",
        "Trailer",
        "Transfer-Encoding",
        "Upgrade",
        "HTTP2-Settings",
        "Proxy-Authorization",
        "Expect",
        "Content-Length",
        "Cookie",
        "Cookie2",
        "Forwarded",
        "X-Forwarded-For",
        "X-Forwarded-User",
        "X_Forwarded_For",
        "X-Real-IP",
        "X_Real_IP",
        "Via",
        "Proxy",
        "X-Original-URL",
        "Dropserver-User-Id",
        "Dropserver-User-Name",
        "Dropserver-Permissions",
        "Dropserver_User_Id",
        "Dropserver-Job",
        "dropserver_job",
        "DROPSERVER_Job",
        "dropserver-anything",
        "Dropserver.Job",
        "Dropserver!User~Id",
        "X-Dropserver-User-Id",
        "X_DROPSERVER.User_Id",
        "HTTP_DROPSERVER_JOB",
        "Drop-Server-Job",
        "Dropserver",
        "DropserverJob",
        "X.Forwarded.For",
        "X.Real~IP"
      })
  void forbiddenClientHeadersAreDropped(String name) {
    assertThat(forApp(HttpFields.build().add(name, "x")).contains(name)).isFalse();
  }

  @Test
  void headersNamedByConnectionAreDropped() {
    HttpFields app =
        forApp(
            HttpFields.build()
                .add("Connection", "keep-alive, X-Secret ,  x-other")
                .add("X-Secret", "1")
                .add("x-OTHER", "2")
                .add("X-Kept", "3"));
    assertThat(app.contains("X-Secret")).isFalse();
    assertThat(app.contains("X-Other")).isFalse();
    assertThat(app.get("X-Kept")).isEqualTo("3");
  }

  @Test
  void hostAndForwardedHeadersAreSetByTheServer() {
    HttpFields app =
        forApp(HttpFields.build().add("Host", "evil").add("X-Forwarded-Proto", "gopher"));
    assertThat(app.getValuesList("Host")).containsExactly("notes.home.localhost:8080");
    assertThat(app.getValuesList("X-Forwarded-Proto")).containsExactly("http");
    assertThat(app.getValuesList("X-Forwarded-Host")).containsExactly("notes.home.localhost:8080");
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      value = {
        "__Host-a=1, a=1",
        "__Host-a=1; b=2; __Host-c=x=y, a=1; c=x=y",
        "a=1, -",
        "a=1; Domain=x, -",
        "__host-a=1, -",
        "__Secure-a=1, -",
        "__Host-=1, -",
        "__Host-a, -",
        "__Host-dropserver-session=1, -",
        "__Host-Dropserver-Session=1; __Host-a=2, a=2",
        "__Host-__Host-a=1, __Host-a=1",
        "'__Host-a=\"x\"', 'a=\"x\"'"
      })
  void onlyTheAppsOwnCookiesReachIt(String cookie, @org.jspecify.annotations.Nullable String app) {
    assertThat(forApp(HttpFields.build().add("Cookie", cookie)).get("Cookie")).isEqualTo(app);
  }

  @Test
  void severalCookieHeadersAreMerged() {
    HttpFields app =
        forApp(HttpFields.build().add("Cookie", "__Host-a=1").add("Cookie", "x=0; __Host-b=2"));
    assertThat(app.getValuesList("Cookie")).containsExactly("a=1; b=2");
  }

  @Test
  void forbiddenHeadersAreDroppedInAnyCaseAndNumber() {
    forAll(
        1000,
        forbidden(),
        values(),
        (name, values) -> {
          HttpFields.Mutable client = HttpFields.build().add("Accept", "*/*");
          values.forEach(value -> client.add(name, value));
          HttpFields app = forApp(client);
          String lower = name.toLowerCase(Locale.ROOT);
          assertThat(app.stream().map(f -> f.getName().toLowerCase(Locale.ROOT)))
              .noneMatch(lower::equals)
              .contains("accept");
        });
  }

  private static Generator<String> forbidden() {
    return Generator.of(
            "forwarded",
            "x-forwarded-for",
            "x-forwarded-user",
            "dropserver-user-id",
            "dropserver-x",
            "dropserver_user_id",
            "x.dropserver.user.id",
            "transfer-encoding",
            "connection",
            "cookie",
            "te",
            "upgrade",
            "proxy-authorization")
        .flatMap(RequestHeadersTest::anyCase);
  }

  private static Generator<List<String>> values() {
    return Generator.strings(Generator.range((char) 0, (char) 127).replaceAll("[\r\n]", ""), 0, 60)
        .list(1, 4);
  }

  static Generator<String> anyCase(String name) {
    return Generator.integers(0, Integer.MAX_VALUE)
        .map(
            bits -> {
              StringBuilder text = new StringBuilder();
              for (int i = 0; i < name.length(); i++) {
                boolean upper = (bits >> (i % 31) & 1) == 1;
                char c = name.charAt(i);
                text.append(upper ? Character.toUpperCase(c) : c);
              }
              return text.toString();
            });
  }

  private static HttpFields forApp(HttpFields client) {
    return RequestHeaders.forApp(client, OWN);
  }
}
