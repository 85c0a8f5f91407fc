package io.dropserver.testing;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Lets tests wait up to a minute for a condition that has no timeout of its own. Awaitility's ten
 * seconds are too short for a machine that stands still for some seconds. JUnit finds this class as
 * a service, in each module.
 */
public final class WaitTimeout implements BeforeAllCallback {
  private static final Duration TIMEOUT = Duration.ofMinutes(1);

  @Override
  public void beforeAll(ExtensionContext context) {
    Awaitility.setDefaultTimeout(TIMEOUT);
  }
}
