package io.dropserver.reconciler.cli;

import java.util.concurrent.LinkedBlockingQueue;

/**
 * Requests to end or to reload the process, received as signals from a person or a service manager.
 */
final class SignalQueue {
  private static final int KILLED_BY_PERSON = 130;

  private final LinkedBlockingQueue<Kind> requests = new LinkedBlockingQueue<>();
  private volatile boolean ending;

  enum Kind {
    END,
    RELOAD
  }

  void listenToSignals() {
    JvmSignals.on("TERM", this::end);
    JvmSignals.on("INT", this::end);
    JvmSignals.on("HUP", () -> requests.add(Kind.RELOAD));
  }

  Kind await() {
    try {
      return requests.take();
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
    requests.add(Kind.END);
  }
}
