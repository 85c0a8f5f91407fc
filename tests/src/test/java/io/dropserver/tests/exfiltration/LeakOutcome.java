package io.dropserver.tests.exfiltration;

import java.time.Duration;
import java.util.List;

/** The outcome of a technique. */
sealed interface LeakOutcome {

  /**
   * The collector was contacted.
   *
   * @param contacts what the collector received, in order
   * @param after time from the person's last action to the first contact
   */
  record Leaked(List<String> contacts, Duration after) implements LeakOutcome {
    /** Returns the most significant contact: a request rather than a connection. */
    @Override
    public String toString() {
      return "LEAK "
          + contacts.stream()
              .filter(contact -> !contact.equals(LeakCollector.CONNECTION))
              .findFirst()
              .orElse(LeakCollector.CONNECTION);
    }
  }

  /** The page was opened, and the collector was not contacted. */
  record Blocked() implements LeakOutcome {
    @Override
    public String toString() {
      return "kept";
    }
  }

  /** The page itself was not shown, so nothing was tried. */
  record NotShown() implements LeakOutcome {
    @Override
    public String toString() {
      return "NOT SHOWN";
    }
  }
}
