package io.dropserver.tests.exfiltration;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.tests.browser.Chromium;
import io.dropserver.tests.exfiltration.Outcome.Leaked;
import io.dropserver.tests.exfiltration.Outcome.NotShown;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** No page carries a secret out of the browser; without the walls nearly every technique does. */
final class ExfiltrationTest {
  private static final String WITHOUT_WALLS = "without walls";
  private static final String BY_ADDRESS = "opened by its address";

  /** One of each kind, for every build. */
  private static final Set<String> SHORT =
      Set.of(
          "navigation/location",
          "navigation/window-open",
          "navigation/redirect",
          "navigation/link-new-tab",
          "forms/post",
          "frames/iframe-about-blank",
          "elements/img",
          "styles/every-property",
          "links/preconnect",
          "links/dns-prefetch",
          "requests/fetch-no-cors",
          "requests/web-socket",
          "webrtc/stun",
          "workers/blob",
          "windows/opener-message");

  /**
   * No header closes these. They need a person who types the collector's address into the same tab:
   * docs/security.md names them.
   */
  private static final Set<String> REMAINING_BY_ADDRESS =
      Set.of("windows/history-length", "windows/name");

  /** With the walls twice as long as the slowest leak took without, and at least so long. */
  private static final Duration LEAST_PATIENCE = Duration.ofSeconds(2);

  /** Without walls, where nearly every page leaks and waiting ends with that. */
  private static final Duration PATIENCE = Duration.ofSeconds(8);

  /** Of those that must leak on the busiest machine. */
  private static final Duration SHORT_PATIENCE = Duration.ofSeconds(30);

  @TempDir private Path folder;

  @BeforeAll
  static void needsRoot() {
    Assumptions.assumeTrue(
        System.getProperty("user.name").equals("root"),
        "a name server of one's own, on port 53, needs root");
  }

  @Test
  void theLeastThatMustHoldAtEveryBuildHoldsInChromium() throws IOException {
    List<Technique> techniques =
        Technique.all().stream().filter(each -> SHORT.contains(each.name())).toList();
    assertThat(techniques).hasSameSizeAs(SHORT);
    LeakTable table = chromium(techniques, SHORT_PATIENCE);
    assertThat(table.names(WITHOUT_WALLS, Leaked.class)).hasSameSizeAs(SHORT);
  }

  @Test
  @Tag("exfiltration")
  @Tag("long")
  void noTechniqueLeaksInChromium() throws IOException {
    List<Technique> techniques = Technique.all();
    assertThat(techniques).hasSizeGreaterThanOrEqualTo(190);
    LeakTable table = chromium(techniques, PATIENCE);
    assertThat(table.names(WITHOUT_WALLS, Leaked.class)).hasSizeGreaterThan(140);
  }

  private LeakTable chromium(List<Technique> techniques, Duration withoutWalls) throws IOException {
    try (NameServer names = NameServer.start();
        UnwalledApp unwalled = UnwalledApp.start(folder);
        WalledApp walled = WalledApp.start(folder.resolve("instance"));
        Browsing browser =
            ChromiumBrowsing.start(
                names.leading(Chromium.program(), folder), folder.resolve("profile"))) {
      Suite suite = new Suite(browser, Optional.of(names));
      LeakTable table = new LeakTable(browser.version());
      table.add(WITHOUT_WALLS, suite.runTwice(techniques, unwalled.place(), withoutWalls));
      Duration twice = table.slowest(WITHOUT_WALLS).multipliedBy(2);
      Duration patience = twice.compareTo(LEAST_PATIENCE) > 0 ? twice : LEAST_PATIENCE;
      table.add(BY_ADDRESS, suite.run(techniques, walled.direct(), patience));
      table.print(System.out);
      for (String column : List.of(WITHOUT_WALLS, BY_ADDRESS)) {
        assertThat(table.names(column, NotShown.class)).as("not tried, " + column).isEmpty();
      }
      assertThat(table.names(BY_ADDRESS, Leaked.class))
          .as("leaks, " + BY_ADDRESS)
          .isSubsetOf(REMAINING_BY_ADDRESS);
      return table;
    }
  }
}
