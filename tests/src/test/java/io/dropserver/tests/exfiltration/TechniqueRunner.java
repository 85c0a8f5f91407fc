package io.dropserver.tests.exfiltration;

import io.dropserver.tests.exfiltration.LeakOutcome.Blocked;
import io.dropserver.tests.exfiltration.LeakOutcome.Leaked;
import io.dropserver.tests.exfiltration.LeakOutcome.NotShown;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Opens the pages of techniques and watches the collectors. Not thread-safe. */
final class TechniqueRunner {
  private static final int AT_ONCE = 12;
  private static final Duration POLL_INTERVAL = Duration.ofMillis(100);

  /** Time for the pages of a batch to load and run their scripts. */
  private static final Duration LOADED = Duration.ofMillis(700);

  /** How long a person looks at each page. */
  private static final Duration SEEN = Duration.ofMillis(200);

  /** Timeout for the bait to appear on a busy machine. */
  private static final Duration SHOWN = Duration.ofSeconds(10);

  private final DrivenBrowser browser;
  private final Optional<NameServer> names;

  /**
   * @param names the name server of the browser
   */
  TechniqueRunner(DrivenBrowser browser, Optional<NameServer> names) {
    this.browser = browser;
    this.names = names;
  }

  /**
   * Where the app is served.
   *
   * @param visitedPrefix prefix of the address that a person types
   * @param filesPrefix address prefix of the app itself
   */
  record AppLocation(String visitedPrefix, String filesPrefix) {}

  /** How long to wait for a leak. */
  interface LeakTimeout {
    Duration with(Technique technique);
  }

  /**
   * Runs each technique, and repeats those that did not leak and do not explain why. On a busy
   * machine, a browser may skip optional work such as prefetches.
   */
  Map<Technique, LeakOutcome> runTwice(
      List<Technique> techniques, AppLocation appLocation, LeakTimeout leakTimeout)
      throws IOException {
    Map<Technique, LeakOutcome> outcomes = run(techniques, appLocation, leakTimeout);
    List<Technique> again =
        techniques.stream().filter(each -> !proven(each, outcomes.get(each))).toList();
    outcomes.putAll(run(again, appLocation, leakTimeout));
    return outcomes;
  }

  private boolean proven(Technique technique, @Nullable LeakOutcome leakOutcome) {
    return leakOutcome instanceof Leaked
        || (leakOutcome instanceof Blocked && technique.kept(browser.version()).isPresent());
  }

  private record TechniqueRun(
      Technique technique, LeakCollector collector, Tab tab, String files) {}

  /**
   * Runs each technique once.
   *
   * @param leakTimeout the timeout for a leak
   */
  Map<Technique, LeakOutcome> run(
      List<Technique> techniques, AppLocation appLocation, LeakTimeout leakTimeout)
      throws IOException {
    Map<Technique, LeakOutcome> outcomes = new LinkedHashMap<>();
    for (int i = 0; i < techniques.size(); i += AT_ONCE) {
      batch(
          techniques.subList(i, Math.min(i + AT_ONCE, techniques.size())),
          appLocation,
          leakTimeout,
          outcomes);
    }
    return outcomes;
  }

  private void batch(
      List<Technique> techniques,
      AppLocation appLocation,
      LeakTimeout leakTimeout,
      Map<Technique, LeakOutcome> outcomes)
      throws IOException {
    List<TechniqueRun> attempts = new ArrayList<>();
    try {
      for (Technique technique : techniques) {
        attempts.add(begin(technique, appLocation));
      }
      browser.pause(LOADED);
      showEach(attempts);
      triggerBaits(attempts);
      attempts.stream()
          .filter(techniqueRun -> techniqueRun.technique().dragged())
          .forEach(techniqueRun -> techniqueRun.tab().drag());
      watch(attempts, leakTimeout);
      List<TechniqueRun> visitingAfterwards =
          attempts.stream()
              .filter(techniqueRun -> visitsAccompliceAfterwards(techniqueRun.technique()))
              .toList();
      for (TechniqueRun techniqueRun : visitingAfterwards) {
        techniqueRun.collector().startTimer();
        techniqueRun.tab().go(techniqueRun.collector().accomplicePage());
      }
      watch(visitingAfterwards, leakTimeout);
      attempts.forEach(
          techniqueRun -> outcomes.put(techniqueRun.technique(), outcome(techniqueRun)));
    } finally {
      attempts.forEach(techniqueRun -> techniqueRun.tab().close());
      attempts.forEach(techniqueRun -> techniqueRun.collector().close());
    }
  }

  /** Shows one tab after the other, because browsers defer some work in hidden pages. */
  private void showEach(List<TechniqueRun> attempts) {
    for (TechniqueRun techniqueRun : attempts) {
      if (techniqueRun.collector().contacts().isEmpty()) {
        techniqueRun.collector().startTimer();
        techniqueRun.tab().show();
        browser.pause(SEEN);
      }
    }
  }

  /** Interacts with each bait as soon as it is visible. */
  private void triggerBaits(List<TechniqueRun> attempts) {
    List<TechniqueRun> waiting =
        new ArrayList<>(attempts.stream().filter(each -> hasBait(each.technique())).toList());
    long end = System.nanoTime() + SHOWN.toNanos();
    while (true) {
      waiting.removeIf(
          techniqueRun -> {
            techniqueRun.collector().startTimer();
            return techniqueRun.tab().triggerBait();
          });
      if (waiting.isEmpty() || System.nanoTime() > end) {
        return;
      }
      browser.pause(POLL_INTERVAL);
    }
  }

  private static boolean hasBait(Technique technique) {
    return opensFromElsewhere(technique) || technique.clicked();
  }

  private TechniqueRun begin(Technique technique, AppLocation appLocation) throws IOException {
    LeakCollector leakCollector = LeakCollector.start(technique.accomplice());
    names.ifPresent(server -> server.watch(leakCollector));
    String path =
        "/" + leakCollector.port() + "/" + leakCollector.secret() + "/" + technique.name() + "/";
    String page = appLocation.visitedPrefix() + path;
    leakCollector.setTechnique(page, appLocation.filesPrefix() + path);
    Tab tab = browser.open();
    leakCollector.startTimer();
    tab.go(opensFromElsewhere(technique) ? leakCollector.accomplicePage() : page);
    return new TechniqueRun(technique, leakCollector, tab, appLocation.filesPrefix() + path);
  }

  private static boolean opensFromElsewhere(Technique technique) {
    return technique.accomplice().filter(Technique.Accomplice::opens).isPresent();
  }

  private static boolean visitsAccompliceAfterwards(Technique technique) {
    return technique.accomplice().isPresent() && !opensFromElsewhere(technique);
  }

  /** Waits until every collector was contacted, or until the timeout. */
  private void watch(List<TechniqueRun> attempts, LeakTimeout leakTimeout) {
    long longest =
        attempts.stream()
            .mapToLong(techniqueRun -> leakTimeout.with(techniqueRun.technique()).toNanos())
            .max()
            .orElse(0);
    long end = System.nanoTime() + longest;
    while (System.nanoTime() < end
        && attempts.stream()
            .anyMatch(techniqueRun -> techniqueRun.collector().contacts().isEmpty())) {
      browser.pause(POLL_INTERVAL);
    }
  }

  private LeakOutcome outcome(TechniqueRun techniqueRun) {
    List<String> contacts = techniqueRun.collector().contacts();
    if (!contacts.isEmpty()) {
      return new Leaked(contacts, techniqueRun.collector().timeToFirstContact());
    }
    // The front door returns 502 for a redirect to another origin.
    boolean shown =
        browser.statuses(techniqueRun.files()).stream()
            .anyMatch(status -> status == 200 || status == 502);
    return shown ? new Blocked() : new NotShown();
  }
}
