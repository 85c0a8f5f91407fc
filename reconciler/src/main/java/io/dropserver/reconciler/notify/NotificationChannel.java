package io.dropserver.reconciler.notify;

import java.io.IOException;

/** Delivers messages to an operator. Thread-safe. */
interface NotificationChannel {

  /** Returns a name for conditions. It contains no secrets and is the same after a restart. */
  String name();

  /**
   * Delivers a message.
   *
   * @throws IOException when delivery fails, with a message for the operator
   */
  void send(Notification notification) throws IOException, InterruptedException;
}
