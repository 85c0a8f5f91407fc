package io.dropserver.web.identity;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DeviceNameTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)"
            + " HeadlessChrome/156.0.0.0 Safari/537.36|Chrome on Linux",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/150.0 Safari/537.36"
            + " Edg/150.0|Edge on Windows",
        "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 Chrome/150.0 Mobile"
            + " Safari/537.36|Chrome on Android",
        "Mozilla/5.0 (Android 14; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0|Firefox on Android",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0"
            + " Mobile/15E148 Safari/604.1|Safari on iPhone",
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.0"
            + " Safari/605.1.15|Safari on Mac",
        "curl/8.5.0|curl",
        "<b>\u202e|Unknown browser"
      })
  void browserAndSystemAreNamed(String agent, String name) {
    assertThat(DeviceName.of(agent)).isEqualTo(name);
  }

  @Test
  void aLongAgentIsReadInPart() {
    assertThat(DeviceName.of("x".repeat(1_000) + "Firefox/1")).isEqualTo("Unknown browser");
    assertThat(DeviceName.of("")).isEqualTo("Unknown browser");
  }
}
