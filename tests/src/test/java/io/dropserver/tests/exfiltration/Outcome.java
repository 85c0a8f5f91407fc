package io.dropserver.tests.exfiltration;

import java.time.Duration;
import java.util.List;

/** What became of a technique. */
sealed interface Outcome {

  /**
   * The collector was reached.
   *
   * @param contacts what it saw, in order
   * @param after between the last thing that the person did and the first contact
   */
  record Leaked(List<String> contacts, Duration after) implements Outcome {
    /** What carried most: a request, if there was one, and not only a connection. */
    @Override
    public String toString() {
      return "LEAK "
          + contacts.stream()
              .filter(contact -> !contact.equals(Collector.CONNECTION))
              .findFirst()
              .orElse(Collector.CONNECTION);
    }
  }

  /** The page was opened, and nothing came to the collector. */
  record Kept() implements Outcome {
    @Override
    public String toString() {
      return "kept";
    }
  }

  /** The page itself was not shown, so nothing was tried. */
  record NotShown() implements Outcome {
    @Override
    public String toString() {
      return "NOT SHOWN";
    }
  }
}
