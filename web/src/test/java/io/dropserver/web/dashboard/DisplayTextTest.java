package io.dropserver.web.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class DisplayTextTest {
  @Test
  void cursorAndBidiControlsAreMadeVisible() {
    assertThat(DisplayText.line("a\u001b[31m\u202eb\n\tc")).isEqualTo("a␛[31m\\u202eb␊␉c");
    assertThat(DisplayText.logLine("a\tb\u001b[2J\u2066")).isEqualTo("a\tb␛[2J\\u2066");
  }

  @Test
  void aMessageIsOneLineWithTheTimesOfPages() {
    String times = "from 2026-12-02T22:26:02Z;\nnext at 2026-12-03T03:00:00Z\u202e";
    assertThat(DisplayText.message(times))
        .isEqualTo("from 2 Dec 2026, 22:26 UTC; next at 3 Dec 2026, 03:00 UTC\\u202e");
    String noTime = "2026-02-30T03:00:00Z, 2026-99-99T99:99:99Z, $1";
    assertThat(DisplayText.message(noTime)).isEqualTo(noTime);
    assertThat(DisplayText.message("\n".repeat(1 << 20))).hasSizeLessThan(1_100);
  }

  @Test
  void aMegabyteIsCutBetweenCharacters() {
    assertThat(DisplayText.line("x".repeat(1 << 20))).hasSizeLessThan(1_100).endsWith("more)");
    String faces = "😀".repeat(1 << 18);
    assertThat(DisplayText.line("x" + faces)).doesNotContain("\\ud83d");
    assertThat(DisplayText.logLine(faces)).hasSizeLessThan(4_200);
  }

  @Test
  void onlyAddressesOfTheWebAreLinks() {
    assertThat(new ForgeLink("x", Optional.of("https://forge.example/pull/1")).url()).isPresent();
    assertThat(new ForgeLink("x", Optional.of("javascript:alert(1)")).url()).isEmpty();
    assertThat(new ForgeLink("x", Optional.of("data:text/html,x")).url()).isEmpty();
    assertThat(new ForgeLink("x", Optional.of("https://a/\" onclick=\"")).url()).isEmpty();
  }
}
