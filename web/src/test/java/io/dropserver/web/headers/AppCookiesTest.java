package io.dropserver.web.headers;

import static io.dropserver.testing.property.Property.forAll;
import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.testing.property.Generator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AppCookiesTest {
  @Test
  void cookiesOfAnAppRoundTripUnchanged() {
    forAll(
        1000,
        names(),
        values(),
        (name, value) -> {
          String set = name + "=" + value;
          String browser = AppCookies.toBrowser(set + "; Path=/x; HttpOnly", false).orElseThrow();

          String stored = browser.substring(0, browser.indexOf(';'));
          assertThat(stored).startsWith("__Host-");
          assertThat(browser).contains("; Path=/;", "; Secure;").endsWith("; SameSite=Lax");
          assertThat(AppCookies.toApp("other=1; " + stored + "; __Secure-x=2")).contains(set);
        });
  }

  /** A frame on another site gets no other cookies. */
  @ParameterizedTest
  @ValueSource(strings = {"", "; SameSite=Strict", "; SameSite=Lax", "; Partitioned", "; Secure"})
  void cookiesOnAnotherSiteArePartitioned(String attributes) {
    assertThat(AppCookies.toBrowser("a=1; Max-Age=5" + attributes, true))
        .contains("__Host-a=1; Max-Age=5; Path=/; Secure; SameSite=None; Partitioned");
    assertThat(AppCookies.toBrowser("a=1; Domain=example.org" + attributes, true)).isEmpty();
  }

  @Test
  void foreignCookiesDoNotReachAnApp() {
    forAll(
        1000,
        names(),
        values(),
        (name, value) -> {
          assertThat(AppCookies.toApp(name + "=" + value)).isEmpty();
        });
  }

  /** Names that browsers treat as having no prefix, so that a sibling host could set them. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "__host-a=1",
        "__HOST-a=1",
        "\u2000__Host-a=1",
        "\u0085__Host-a=1",
        "\u00a0__Host-a=1",
        "\u001f__Host-a=1",
        "\u000b__Host-a=1",
        "\u00e2\u0080\u0080__Host-a=1",
        "=__Host-a=1",
        "x=1, __Host-a=1",
        "$Version=1, __Host-a=1",
        "x=\"; y=1",
        "__Host-=1",
        "__Host-a"
      })
  void aCookieNameThatABrowserReadsWithoutThePrefixIsDropped(String cookie) {
    assertThat(AppCookies.toApp(cookie)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"dropserver-session", "DROPSERVER-session", " dropserver-session"})
  void appsCannotReadOrSetTheServersCookies(String name) {
    assertThat(AppCookies.toApp("__Host-" + name.strip() + "=secret")).isEmpty();
    assertThat(AppCookies.toBrowser(name + "=1", false)).isEmpty();
  }

  private static Generator<String> names() {
    String letters = Generator.range('a', 'z') + Generator.range('A', 'Z');
    return Generator.strings(
            "!#$%&'*+-.^_`|~[](){}<>@/:?" + letters + Generator.range('0', '9'), 1, 30)
        .filter(name -> !name.toLowerCase(java.util.Locale.ROOT).startsWith("dropserver-"));
  }

  private static Generator<String> values() {
    String characters = Generator.range('!', '~').replace(";", "") + " =\"\u00e4\u00ff";
    return Generator.strings(characters, 0, 60).map(String::strip);
  }
}
