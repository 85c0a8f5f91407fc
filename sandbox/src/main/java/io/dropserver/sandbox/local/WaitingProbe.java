package io.dropserver.sandbox.local;

import io.dropserver.base.process.Program;
import io.dropserver.sandbox.isolation.WaitingCommand;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Determines once, at the first preparation, whether bubblewrap starts in the pid namespace of
 * {@link WaitingCommand}. Releases 0.8 and 0.9 (Debian 12, Ubuntu 24.04) do not. Thread-safe.
 */
final class WaitingProbe {
  private static final Logger LOG = LoggerFactory.getLogger(WaitingProbe.class);
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private final LocalHostSettings settings;

  // guarded by this, as is works
  private boolean known;
  private boolean works;

  WaitingProbe(LocalHostSettings settings) {
    this.settings = settings;
  }

  synchronized boolean works() {
    if (!known) {
      works = attempt();
      known = true;
    }
    return works;
  }

  private boolean attempt() {
    List<String> command = WaitingCommand.probe(settings.programs());
    try {
      boolean succeeded = Program.of(command).timeout(TIMEOUT).run().succeeded();
      if (!succeeded) {
        LOG.info(
            "bubblewrap does not start in another pid namespace, so no start is prepared; install a"
                + " release newer than 0.9");
      }
      return succeeded;
    } catch (IOException e) {
      LOG.info("no start can be prepared; sandbox.prepared has no effect: {}", e.getMessage());
      return false;
    }
  }
}
