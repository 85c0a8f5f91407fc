package io.dropserver.cli.run;

import io.dropserver.cli.command.JvmSignals;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * Queues requests to end the process or to reload its configuration. Users and service managers
 * send them as signals.
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

  /**
   * Requests a graceful end at the first signal. Halts the process immediately at the second one.
   */
  private void end() {
    if (ending) {
      Runtime.getRuntime().halt(KILLED_BY_PERSON);
    }
    ending = true;
    requests.add(Kind.END);
  }
}
