package io.dropserver.tests.exfiltration;

import java.time.Duration;
import java.util.List;

/** A browser that a person uses. Confined to one thread. */
interface Browsing extends AutoCloseable {

  /** Its name and version. */
  String version();

  Tab open();

  /** With which statuses addresses that begin so were answered. */
  List<Integer> statuses(String prefix);

  /** Lets the browser do what it does, for so long. */
  void pause(Duration time);

  @Override
  void close();
}
