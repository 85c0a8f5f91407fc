package io.dropserver.reconciler.cli;

import java.util.concurrent.LinkedBlockingQueue;

/** What a person or a service manager wants of this process, told by signals. */
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

  /** Once is a wish, twice is an order. */
  private void end() {
    if (ending) {
      Runtime.getRuntime().halt(KILLED_BY_PERSON);
    }
    ending = true;
    wishes.add(Kind.END);
  }
}
