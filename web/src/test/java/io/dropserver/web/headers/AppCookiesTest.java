package io.dropserver.web.headers;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AppCookiesTest {
  @Property
  void whatAnAppSetsComesBackAsItWas(@ForAll("names") String name, @ForAll("values") String value) {
    String set = name + "=" + value;
    String browser = AppCookies.toBrowser(set + "; Path=/x; HttpOnly").orElseThrow();

    String stored = browser.substring(0, browser.indexOf(';'));
    assertThat(stored).startsWith("__Host-");
    assertThat(browser).contains("; Path=/;", "; Secure;").endsWith("; SameSite=Lax");
    assertThat(AppCookies.toApp("other=1; " + stored + "; __Secure-x=2")).contains(set);
  }

  @Property
  void nothingButWhatItSetReachesAnApp(
      @ForAll("names") String name, @ForAll("values") String value) {
    assertThat(AppCookies.toApp(name + "=" + value)).isEmpty();
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
  void aNameThatABrowserReadsWithoutThePrefixIsNoneOfTheApps(String cookie) {
    assertThat(AppCookies.toApp(cookie)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"dropserver-session", "DROPSERVER-session", " dropserver-session"})
  void noneOfOurCookiesIsShownToAnAppOrSetByOne(String name) {
    assertThat(AppCookies.toApp("__Host-" + name.strip() + "=secret")).isEmpty();
    assertThat(AppCookies.toBrowser(name + "=1")).isEmpty();
  }

  @Provide
  Arbitrary<String> names() {
    return Arbitraries.strings()
        .withChars("!#$%&'*+-.^_`|~[](){}<>@/:?")
        .alpha()
        .numeric()
        .ofMinLength(1)
        .ofMaxLength(30)
        .filter(name -> !name.toLowerCase(java.util.Locale.ROOT).startsWith("dropserver-"));
  }

  @Provide
  Arbitrary<String> values() {
    return Arbitraries.strings()
        .withCharRange('!', '~')
        .withChars(" =\"\u00e4\u00ff")
        .excludeChars(';')
        .ofMaxLength(60)
        .map(String::strip);
  }
}
