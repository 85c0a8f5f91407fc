package io.dropserver.tests.exfiltration;

import java.time.Duration;
import java.util.List;

/** A browser that a person uses. Confined to one thread. */
interface DrivenBrowser extends AutoCloseable {

  /** Returns the name and version of the browser. */
  String version();

  Tab open();

  /** Returns the statuses of responses from addresses with this prefix. */
  List<Integer> statuses(String prefix);

  /** Waits while the browser continues to run. */
  void pause(Duration time);

  @Override
  void close();
}
