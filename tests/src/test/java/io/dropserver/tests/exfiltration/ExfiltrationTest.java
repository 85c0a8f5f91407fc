package io.dropserver.tests.exfiltration;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.tests.browser.Chromium;
import io.dropserver.tests.browser.Firefox;
import io.dropserver.tests.exfiltration.LeakOutcome.Leaked;
import io.dropserver.tests.exfiltration.LeakOutcome.NotShown;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Checks that no page carries a secret out of the browser. Without the protections, nearly every
 * technique does. {@code -Dtechniques=windows/.*} runs some of them.
 */
final class ExfiltrationTest {
  /** Selects techniques; all by default. */
  private static final Optional<Pattern> SOME =
      Optional.ofNullable(System.getProperty("techniques")).map(Pattern::compile);

  /** One technique of each kind, for every build. */
  private static final Set<String> SHORT =
      Set.of(
          "navigation/alt-click-stopped",
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

  /** Chromium downloads a link that is opened with Alt in a frame without the shell's script. */
  private static final Set<String> ALT_IN_OWN_FRAME =
      Set.of(
          "navigation/alt-click-empty-frame",
          "navigation/alt-click-srcdoc-frame",
          "navigation/alt-enter-empty-frame");

  /** Leaks that no header prevents, as listed in docs/internals/security.md; see decision 0011. */
  private static final Map<OpeningMode, Set<String>> REMAINING_IN_CHROMIUM =
      Map.of(
          OpeningMode.HEADERS_ONLY,
          Set.of(
              "forms/alt-submit",
              "navigation/alt-click",
              "navigation/alt-click-area",
              "navigation/alt-click-changed",
              "navigation/alt-click-empty-frame",
              "navigation/alt-click-handed-on",
              "navigation/alt-click-patched",
              "navigation/alt-click-shadow",
              "navigation/alt-click-srcdoc-frame",
              "navigation/alt-click-stopped",
              "navigation/alt-click-svg",
              "navigation/alt-enter-empty-frame",
              "navigation/alt-enter-stopped",
              "windows/history-length",
              "windows/history-length-after-back",
              "windows/history-length-of-a-frame",
              "windows/history-length-restless",
              "windows/history-length-when-left",
              "windows/name"),
          OpeningMode.OLDER_BROWSER,
          ALT_IN_OWN_FRAME,
          OpeningMode.SHELL,
          ALT_IN_OWN_FRAME,
          OpeningMode.OLDER_BROWSER_GRANTED,
          ALT_IN_OWN_FRAME,
          OpeningMode.SHELL_GRANTED,
          ALT_IN_OWN_FRAME);

  /**
   * Firefox preconnects to the target of link elements that request it. It also preconnects to the
   * target of any link as soon as a mouse button is pressed on it, before a script or the shell can
   * intervene. Only its preferences can disable WebRTC.
   */
  private static final Map<OpeningMode, Set<String>> REMAINING_IN_FIREFOX =
      Map.of(
          OpeningMode.SHELL,
          Set.of(
              "elements/svg-animated",
              "links/preconnect",
              "links/speculation-document",
              "navigation/alt-click",
              "navigation/alt-click-area",
              "navigation/alt-click-empty-frame",
              "navigation/alt-click-patched",
              "navigation/alt-click-srcdoc-frame",
              "navigation/alt-click-shadow",
              "navigation/alt-click-stopped",
              "navigation/alt-click-svg",
              "navigation/control-click-empty-frame",
              "navigation/control-click-stopped",
              "navigation/drag-and-drop",
              "navigation/link-stopped",
              "navigation/link-new-tab-stopped",
              "navigation/link-download-stopped",
              "navigation/middle-click-empty-frame",
              "navigation/middle-click-stopped",
              "navigation/shift-click-stopped",
              "navigation/hover",
              "navigation/link",
              "navigation/link-area",
              "navigation/link-download",
              "navigation/link-in-own-frame",
              "navigation/link-keyboard",
              "navigation/link-mathml",
              "navigation/link-new-tab",
              "navigation/link-shadow",
              "navigation/link-svg",
              "navigation/link-top",
              "shell/by-its-name",
              "webrtc/stun",
              "webrtc/stun-in-empty-frame",
              "webrtc/stun-name",
              "webrtc/turn",
              "webrtc/turn-tcp",
              "windows/history-length",
              "windows/history-length-after-back",
              "windows/history-length-of-a-frame",
              "windows/history-length-restless",
              "windows/history-length-when-left"));

  /**
   * With protections, the test waits twice as long as the technique took without them, and at least
   * this long.
   */
  private static final Duration MIN_TIMEOUT = Duration.ofSeconds(3);

  /** Timeout without protections, where nearly every page leaks and ends the wait early. */
  private static final Duration TIMEOUT = Duration.ofSeconds(8);

  /** Timeout for techniques that must leak even on the busiest machine. */
  private static final Duration SHORT_TIMEOUT = Duration.ofSeconds(30);

  /** A browser uses more memory with each page. Firefox had 10 GB before this limit. */
  private static final int OF_ONE_BROWSER = 48;

  @TempDir private Path folder;

  @BeforeAll
  static void needsRoot() {
    Assumptions.assumeTrue(
        System.getProperty("user.name").equals("root"),
        "a name server of one's own, on port 53, needs root");
  }

  @Test
  void theMinimalSetIsBlockedInChromiumInEveryBuild() throws IOException {
    List<Technique> techniques = named(SHORT);
    LeakTable table =
        table(
            techniques,
            ExfiltrationTest::chromium,
            Map.of(
                OpeningMode.HEADERS_ONLY,
                REMAINING_IN_CHROMIUM.getOrDefault(OpeningMode.HEADERS_ONLY, Set.of()),
                OpeningMode.SHELL,
                Set.of(),
                OpeningMode.CUSTOM_HOST,
                Set.of(),
                OpeningMode.SHELL_GRANTED,
                Set.of()),
            SHORT_TIMEOUT);
    assertThat(table.names(OpeningMode.UNPROTECTED, Leaked.class)).hasSameSizeAs(SHORT);
  }

  @Test
  @Tag("exfiltration")
  @Tag("long")
  void noTechniqueLeaksInChromium() throws IOException {
    List<Technique> techniques = chosen();
    LeakTable table = table(techniques, ExfiltrationTest::chromium, REMAINING_IN_CHROMIUM, TIMEOUT);
    if (SOME.isEmpty()) {
      assertThat(techniques).hasSizeGreaterThanOrEqualTo(190);
      assertThat(table.names(OpeningMode.UNPROTECTED, Leaked.class)).hasSizeGreaterThan(140);
    }
  }

  @Test
  @Tag("exfiltration")
  @Tag("long")
  void noTechniqueLeaksThroughTheShellInFirefox() throws IOException {
    List<Technique> techniques = chosen();
    LeakTable table = table(techniques, ExfiltrationTest::firefox, REMAINING_IN_FIREFOX, TIMEOUT);
    if (SOME.isEmpty()) {
      assertThat(techniques).hasSizeGreaterThanOrEqualTo(190);
      assertThat(table.names(OpeningMode.UNPROTECTED, Leaked.class)).hasSizeGreaterThan(100);
    }
  }

  @Test
  @Tag("exfiltration")
  @Tag("long")
  void noTechniqueLeaksOnACustomHostInChromium() throws IOException {
    table(
        chosen(),
        ExfiltrationTest::chromium,
        Map.of(OpeningMode.CUSTOM_HOST, ALT_IN_OWN_FRAME),
        TIMEOUT);
  }

  @Test
  @Tag("exfiltration")
  @Tag("long")
  void noTechniqueLeaksOnACustomHostInFirefox() throws IOException {
    table(
        chosen(),
        ExfiltrationTest::firefox,
        Map.of(
            OpeningMode.CUSTOM_HOST,
            REMAINING_IN_FIREFOX.getOrDefault(OpeningMode.SHELL, Set.of())),
        TIMEOUT);
  }

  private static List<Technique> named(Set<String> names) throws IOException {
    List<Technique> techniques =
        Technique.all().stream().filter(each -> names.contains(each.name())).toList();
    assertThat(techniques).hasSameSizeAs(names);
    return techniques;
  }

  private static List<Technique> chosen() throws IOException {
    return Technique.all().stream()
        .filter(each -> SOME.map(some -> some.matcher(each.name()).matches()).orElse(true))
        .toList();
  }

  private interface BrowserStarter {
    DrivenBrowser browser(NameServer names, Path folder) throws IOException;
  }

  private static DrivenBrowser chromium(NameServer names, Path folder) throws IOException {
    return DrivenChromium.start(
        names.wrapperFor(Chromium.program(), folder),
        folder.resolve("profile"),
        ProtectedApp.addresses());
  }

  private static DrivenBrowser firefox(NameServer names, Path folder) throws IOException {
    return DrivenFirefox.start(names.wrapperFor(Firefox.program(), folder), folder);
  }

  /**
   * @param remaining the permitted leaks, by the way in which the page is opened
   */
  private LeakTable table(
      List<Technique> techniques,
      BrowserStarter browserStarter,
      Map<OpeningMode, Set<String>> remaining,
      Duration withoutWalls)
      throws IOException {
    LeakTable table = new LeakTable();
    try (NameServer names = NameServer.start();
        UnprotectedApp unwalled = UnprotectedApp.start(folder);
        ProtectedApp walled = ProtectedApp.start(folder.resolve("instance"))) {
      Trial trial =
          new Trial(browserStarter, names, unwalled, walled, remaining.keySet(), withoutWalls);
      for (int i = 0; i < techniques.size(); i += OF_ONE_BROWSER) {
        List<Technique> some =
            techniques.subList(i, Math.min(i + OF_ONE_BROWSER, techniques.size()));
        inOneBrowser(some, trial, table);
      }
      // A browser prefetches for one page after the other, so with many pages some prefetches come
      // too late.
      for (Technique alone : table.unproven()) {
        inOneBrowser(List.of(alone), trial, table);
      }
    }
    table.print(System.out);
    judge(table, remaining);
    return table;
  }

  /**
   * The environment in which the techniques of one table run.
   *
   * @param withoutWalls timeout without protections
   */
  private record Trial(
      BrowserStarter start,
      NameServer names,
      UnprotectedApp unwalled,
      ProtectedApp walled,
      Set<OpeningMode> walls,
      Duration withoutWalls) {}

  /** Runs without protections first, which determines the timeout with them. */
  private void inOneBrowser(List<Technique> techniques, Trial trial, LeakTable table)
      throws IOException {
    Path ofBrowser = Files.createTempDirectory(folder, "browser");
    try (DrivenBrowser browser = trial.start().browser(trial.names(), ofBrowser)) {
      TechniqueRunner techniqueRunner = new TechniqueRunner(browser, Optional.of(trial.names()));
      table.add(
          browser.version(),
          OpeningMode.UNPROTECTED,
          techniqueRunner.runTwice(
              techniques, trial.unwalled().place(), _ -> trial.withoutWalls()));
      for (OpeningMode openingMode : trial.walls()) {
        table.add(
            browser.version(),
            openingMode,
            techniqueRunner.run(
                techniques, trial.walled().opened(openingMode), each -> timeout(table, each)));
      }
    }
  }

  private static Duration timeout(LeakTable table, Technique technique) {
    Duration twice = table.timeToLeak(OpeningMode.UNPROTECTED, technique).multipliedBy(2);
    return twice.compareTo(MIN_TIMEOUT) > 0 ? twice : MIN_TIMEOUT;
  }

  private static void judge(LeakTable table, Map<OpeningMode, Set<String>> remaining) {
    assertThat(table.names(OpeningMode.UNPROTECTED, NotShown.class)).as("not tried").isEmpty();
    remaining.forEach(
        (openingMode, leaks) -> {
          assertThat(table.names(openingMode, NotShown.class))
              .as("not tried, opened " + openingMode.title)
              .isEmpty();
          assertThat(table.names(openingMode, Leaked.class))
              .as("leaks, opened " + openingMode.title)
              .isSubsetOf(leaks);
        });
    assertThat(table.unproven())
        .extracting(Technique::name)
        .as("kept even without walls, and the technique does not say why")
        .isEmpty();
  }
}
