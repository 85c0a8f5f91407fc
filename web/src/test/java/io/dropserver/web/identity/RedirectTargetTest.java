package io.dropserver.web.identity;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RedirectTargetTest {
  @ParameterizedTest
  @ValueSource(
      strings = {"/", "/?q=do", "/recipes/soup?for=2", "/a/b?list[]=1|2{}^", "/x#:~:text=a,b"})
  void aPathWithItsQueryIsKept(String path) {
    assertThat(RedirectTarget.of(path)).isEqualTo(path);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "x",
        "//evil.test/",
        "/\\evil.test/",
        "/\t/evil.test/",
        "https://evil.test/",
        "/a\r\nSet-Cookie: x=1",
        "/a b",
        "/a<b",
        "/{x}"
      })
  void otherTargetsBecomeTheHomePage(String text) {
    assertThat(RedirectTarget.of(text)).isEqualTo("/");
  }
}
