package io.dropserver.tests.exfiltration;

import io.dropserver.tests.exfiltration.Outcome.Kept;
import io.dropserver.tests.exfiltration.Outcome.Leaked;
import io.dropserver.tests.exfiltration.Outcome.NotShown;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Opens the pages of techniques and watches the collectors. Not thread-safe. */
final class Suite {
  private static final int AT_ONCE = 12;
  private static final Duration LOOK = Duration.ofMillis(100);

  /** Time for the pages of a batch to load and run their scripts. */
  private static final Duration LOADED = Duration.ofMillis(700);

  /** How long a person looks at each page. */
  private static final Duration SEEN = Duration.ofMillis(200);

  /** Timeout for the bait to appear on a busy machine. */
  private static final Duration SHOWN = Duration.ofSeconds(10);

  private final Browsing browser;
  private final Optional<NameServer> names;

  /**
   * @param names the name server of the browser
   */
  Suite(Browsing browser, Optional<NameServer> names) {
    this.browser = browser;
    this.names = names;
  }

  /**
   * Where the app is served.
   *
   * @param visited prefix of the address that a person types
   * @param files address prefix of the app itself
   */
  record Place(String visited, String files) {}

  /** How long to wait for a leak. */
  interface Patience {
    Duration with(Technique technique);
  }

  /**
   * Runs each technique, and repeats those that did not leak and do not explain why. On a busy
   * machine, a browser may skip optional work such as prefetches.
   */
  Map<Technique, Outcome> runTwice(List<Technique> techniques, Place place, Patience patience)
      throws IOException {
    Map<Technique, Outcome> outcomes = run(techniques, place, patience);
    List<Technique> again =
        techniques.stream().filter(each -> !proven(each, outcomes.get(each))).toList();
    outcomes.putAll(run(again, place, patience));
    return outcomes;
  }

  private boolean proven(Technique technique, @Nullable Outcome outcome) {
    return outcome instanceof Leaked
        || (outcome instanceof Kept && technique.kept(browser.version()).isPresent());
  }

  private record Attempt(Technique technique, Collector collector, Tab tab, String files) {}

  /**
   * Runs each technique once.
   *
   * @param patience the timeout for a leak
   */
  Map<Technique, Outcome> run(List<Technique> techniques, Place place, Patience patience)
      throws IOException {
    Map<Technique, Outcome> outcomes = new LinkedHashMap<>();
    for (int i = 0; i < techniques.size(); i += AT_ONCE) {
      batch(
          techniques.subList(i, Math.min(i + AT_ONCE, techniques.size())),
          place,
          patience,
          outcomes);
    }
    return outcomes;
  }

  private void batch(
      List<Technique> techniques, Place place, Patience patience, Map<Technique, Outcome> outcomes)
      throws IOException {
    List<Attempt> attempts = new ArrayList<>();
    try {
      for (Technique technique : techniques) {
        attempts.add(begin(technique, place));
      }
      browser.pause(LOADED);
      lookAtEach(attempts);
      takeBaits(attempts);
      attempts.stream()
          .filter(attempt -> attempt.technique().dragged())
          .forEach(attempt -> attempt.tab().drag());
      watch(attempts, patience);
      List<Attempt> visitingAfterwards =
          attempts.stream().filter(attempt -> goesOn(attempt.technique())).toList();
      for (Attempt attempt : visitingAfterwards) {
        attempt.collector().waiting();
        attempt.tab().go(attempt.collector().accomplicePage());
      }
      watch(visitingAfterwards, patience);
      attempts.forEach(attempt -> outcomes.put(attempt.technique(), outcome(attempt)));
    } finally {
      attempts.forEach(attempt -> attempt.tab().close());
      attempts.forEach(attempt -> attempt.collector().close());
    }
  }

  /** Shows one tab after the other, because browsers defer some work in hidden pages. */
  private void lookAtEach(List<Attempt> attempts) {
    for (Attempt attempt : attempts) {
      if (attempt.collector().contacts().isEmpty()) {
        attempt.collector().waiting();
        attempt.tab().show();
        browser.pause(SEEN);
      }
    }
  }

  /** Interacts with each bait as soon as it is visible. */
  private void takeBaits(List<Attempt> attempts) {
    List<Attempt> waiting =
        new ArrayList<>(attempts.stream().filter(each -> baited(each.technique())).toList());
    long end = System.nanoTime() + SHOWN.toNanos();
    while (true) {
      waiting.removeIf(
          attempt -> {
            attempt.collector().waiting();
            return attempt.tab().takeTheBait();
          });
      if (waiting.isEmpty() || System.nanoTime() > end) {
        return;
      }
      browser.pause(LOOK);
    }
  }

  private static boolean baited(Technique technique) {
    return opensFromElsewhere(technique) || technique.clicked();
  }

  private Attempt begin(Technique technique, Place place) throws IOException {
    Collector collector = Collector.start(technique.accomplice());
    names.ifPresent(server -> server.watch(collector));
    String path = "/" + collector.port() + "/" + collector.secret() + "/" + technique.name() + "/";
    String page = place.visited() + path;
    collector.attacked(page, place.files() + path);
    Tab tab = browser.open();
    collector.waiting();
    tab.go(opensFromElsewhere(technique) ? collector.accomplicePage() : page);
    return new Attempt(technique, collector, tab, place.files() + path);
  }

  private static boolean opensFromElsewhere(Technique technique) {
    return technique.accomplice().filter(Technique.Accomplice::opens).isPresent();
  }

  private static boolean goesOn(Technique technique) {
    return technique.accomplice().isPresent() && !opensFromElsewhere(technique);
  }

  /** Waits until every collector was contacted, or until the timeout. */
  private void watch(List<Attempt> attempts, Patience patience) {
    long longest =
        attempts.stream()
            .mapToLong(attempt -> patience.with(attempt.technique()).toNanos())
            .max()
            .orElse(0);
    long end = System.nanoTime() + longest;
    while (System.nanoTime() < end
        && attempts.stream().anyMatch(attempt -> attempt.collector().contacts().isEmpty())) {
      browser.pause(LOOK);
    }
  }

  private Outcome outcome(Attempt attempt) {
    List<String> contacts = attempt.collector().contacts();
    if (!contacts.isEmpty()) {
      return new Leaked(contacts, attempt.collector().waited());
    }
    // The front door returns 502 for a redirect to another origin.
    boolean shown =
        browser.statuses(attempt.files()).stream()
            .anyMatch(status -> status == 200 || status == 502);
    return shown ? new Kept() : new NotShown();
  }
}
