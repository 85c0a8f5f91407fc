package io.dropserver.web.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AcmeRetriesTest {
  private static final Instant NOW = Instant.parse("2026-11-26T08:00:00Z");

  @TempDir private Path folder;

  @Test
  void eachFailureDoublesTheWaitUpToADay() throws IOException {
    AcmeRetries retries = new AcmeRetries(folder);
    for (int minutes : new int[] {30, 60, 120, 240, 480, 960, 1440, 1440}) {
      assertThat(retries.failed("x.test", NOW, Optional.empty()))
          .isEqualTo(NOW.plus(Duration.ofMinutes(minutes)));
    }
  }

  @Test
  void retryAfterOfTheAuthorityAppliesUntilASuccess() throws IOException {
    AcmeRetries retries = new AcmeRetries(folder);
    Instant retryAfter = NOW.plus(Duration.ofDays(3));
    assertThat(retries.failed("x.test", NOW, Optional.of(retryAfter))).isEqualTo(retryAfter);
    assertThat(retries.failed("y.test", NOW, Optional.of(NOW.plusSeconds(1))))
        .isEqualTo(NOW.plus(Duration.ofMinutes(30)));
    retries.reset("x.test");
    assertThat(retries.notBefore("x.test")).isBefore(NOW);
  }

  @Test
  void retryTimesSurviveARestartAndBrokenFilesAreIgnored() throws IOException {
    Instant next = new AcmeRetries(folder).failed("x.test", NOW, Optional.empty());
    assertThat(new AcmeRetries(folder).notBefore("x.test")).isEqualTo(next);
    Files.writeString(folder.resolve("x.test.retry"), "garbage");
    assertThat(new AcmeRetries(folder).notBefore("x.test")).isBefore(NOW);
  }

  @Test
  void theFailuresOfAHostThatLeftAreKeptForADayAfterItsDelay() throws IOException {
    AcmeRetries retries = new AcmeRetries(folder);
    Instant next = retries.failed("left.test", NOW, Optional.empty());
    Instant kept = retries.failed("here.test", NOW, Optional.empty());
    Instant end = next.plus(Duration.ofDays(1));
    retries.deletePast(Set.of("here.test"), end.minusSeconds(1));
    assertThat(retries.notBefore("left.test")).isEqualTo(next);
    retries.deletePast(Set.of("here.test"), end);
    assertThat(folder.resolve("left.test.retry")).doesNotExist();
    assertThat(retries.notBefore("here.test")).isEqualTo(kept);
  }
}
