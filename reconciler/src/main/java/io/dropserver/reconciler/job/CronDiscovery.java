package io.dropserver.reconciler.job;

import io.dropserver.base.concurrent.WakeableLoop;
import io.dropserver.sandbox.LeaseCaller;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.SandboxSpec;
import io.dropserver.sandbox.lifecycle.Sandboxes;
import io.dropserver.state.condition.SandboxReason;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts each newly installed app whose modules mention {@code Deno.cron} once, without a request,
 * so that the host learns of its jobs. Starts one sandbox at a time. Thread-safe.
 */
public final class CronDiscovery implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CronDiscovery.class);
  private static final Duration EVERY = Duration.ofSeconds(5);

  private final Sandboxes sandboxes;
  private final CronRegistry registry;
  private final Supplier<Optional<Set<String>>> appspaces;
  private final WakeableLoop loop = new WakeableLoop("cron-discovery");

  /** The content that was handled last, by appspace. Only the loop uses it. */
  private final Map<String, String> handled = new HashMap<>();

  /**
   * @param appspaces the names of the declared appspaces; empty before the first revision
   */
  public CronDiscovery(
      Sandboxes sandboxes, CronRegistry registry, Supplier<Optional<Set<String>>> appspaces) {
    this.sandboxes = sandboxes;
    this.registry = registry;
    this.appspaces = appspaces;
  }

  public CronDiscovery start() {
    loop.start(this::run);
    return this;
  }

  private Duration run() {
    appspaces.get().ifPresent(this::discover);
    return EVERY;
  }

  private void discover(Set<String> declared) {
    handled.keySet().retainAll(declared);
    registry.retain(declared::contains);
    CronSearch search = new CronSearch();
    for (String appspace : declared) {
      sandboxes.spec(appspace).ifPresent(spec -> startOnce(spec, search));
    }
  }

  private void startOnce(SandboxSpec spec, CronSearch search) {
    String appspace = spec.appspace();
    Optional<String> before = Optional.ofNullable(handled.put(appspace, spec.app().contentId()));
    // After a start of the server, the registered jobs are those of the same content.
    boolean known = before.isEmpty() && !registry.of(appspace).isEmpty();
    if (known
        || before.equals(Optional.of(spec.app().contentId()))
        || !search.mentionsCron(spec.app())) {
      return;
    }
    try {
      sandboxes.lease(appspace, LeaseCaller.JOB).close();
    } catch (SandboxException e) {
      if (e.reason().equals(SandboxReason.AT_CAPACITY)) {
        handled.put(appspace, before.orElse(""));
      }
      LOG.debug("{} was not started for its jobs: {}", appspace, e.getMessage());
    }
  }

  @Override
  public void close() {
    loop.close();
  }
}
