package io.dropserver.reconciler.cli;

import java.util.concurrent.LinkedBlockingQueue;

/**
 * Requests to end or to reload the process, received as signals from a person or a service manager.
 */
final class Wish {
  private static final int KILLED_BY_PERSON = 130;

  private final LinkedBlockingQueue<Kind> wishes = new LinkedBlockingQueue<>();
  private volatile boolean ending;

  enum Kind {
    END,
    RELOAD
  }

  void listenToSignals() {
    Signals.on("TERM", this::end);
    Signals.on("INT", this::end);
    Signals.on("HUP", () -> wishes.add(Kind.RELOAD));
  }

  Kind await() {
    try {
      return wishes.take();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Kind.END;
    }
  }

  /** The first signal ends the process gracefully, the second one at once. */
  private void end() {
    if (ending) {
      Runtime.getRuntime().halt(KILLED_BY_PERSON);
    }
    ending = true;
    wishes.add(Kind.END);
  }
}
