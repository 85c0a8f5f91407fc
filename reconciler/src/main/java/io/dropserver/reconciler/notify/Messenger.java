package io.dropserver.reconciler.notify;

import java.io.IOException;

/** A way to tell a person. Thread-safe. */
interface Messenger {

  /** Names it in a condition, without anything that is secret; the same after a restart. */
  String name();

  /**
   * @throws IOException when it was not taken, in words for the operator
   */
  void send(Message message) throws IOException, InterruptedException;
}
