package io.dropserver.reconciler.notify;

import java.io.IOException;

/** A channel that delivers messages to a person. Thread-safe. */
interface NotificationChannel {

  /**
   * The name of the channel in a condition: contains no secrets and stays the same after a restart.
   */
  String name();

  /**
   * Delivers a message.
   *
   * @throws IOException when delivery fails, with a message for the operator
   */
  void send(Notification notification) throws IOException, InterruptedException;
}
