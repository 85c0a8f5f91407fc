package io.dropserver.reconciler.server;

import io.dropserver.reconciler.job.CronRegistry;
import io.dropserver.sandbox.InstalledApp;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.SandboxSpec;
import io.dropserver.sandbox.lifecycle.Sandboxes;
import io.dropserver.schema.concurrent.WakeableLoop;
import io.dropserver.schema.status.SandboxReason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts each newly installed app whose modules mention {@code Deno.cron} once, without a request,
 * so that the host learns of its jobs. Starts one sandbox at a time. Thread-safe.
 */
final class CronDiscovery implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CronDiscovery.class);
  private static final Duration EVERY = Duration.ofSeconds(5);
  private static final String CALL = "Deno.cron";
  private static final Pattern MODULE = Pattern.compile(".*\\.(?:ts|tsx|mts|js|jsx|mjs)");

  /** Larger modules are not searched. */
  static final long MAX_MODULE_BYTES = 1 << 20;

  private final Sandboxes sandboxes;
  private final CronRegistry registry;
  private final Supplier<Optional<Set<String>>> appspaces;
  private final WakeableLoop loop = new WakeableLoop("cron-discovery");

  /** The content that was handled last, by appspace. Only the loop uses it. */
  private final Map<String, String> handled = new HashMap<>();

  /**
   * @param appspaces the names of the declared appspaces; empty before the first revision
   */
  CronDiscovery(
      Sandboxes sandboxes, CronRegistry registry, Supplier<Optional<Set<String>>> appspaces) {
    this.sandboxes = sandboxes;
    this.registry = registry;
    this.appspaces = appspaces;
  }

  CronDiscovery start() {
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
    for (String appspace : declared) {
      sandboxes.spec(appspace).ifPresent(this::startOnce);
    }
  }

  private void startOnce(SandboxSpec spec) {
    String appspace = spec.appspace();
    Optional<String> before = Optional.ofNullable(handled.put(appspace, spec.app().contentId()));
    // After a start of the server, the registered jobs are those of the same content.
    boolean known = before.isEmpty() && !registry.of(appspace).isEmpty();
    if (known || before.equals(Optional.of(spec.app().contentId())) || !mentionsCron(spec.app())) {
      return;
    }
    try {
      sandboxes.lease(appspace).close();
    } catch (SandboxException e) {
      if (e.reason().equals(SandboxReason.AT_CAPACITY)) {
        handled.put(appspace, before.orElse(""));
      }
      LOG.debug("{} was not started for its jobs: {}", appspace, e.getMessage());
    }
  }

  private static boolean mentionsCron(InstalledApp app) {
    try {
      return mentionsCron(app.files());
    } catch (IOException | UncheckedIOException e) {
      LOG.debug("the modules of {} cannot be read: {}", app.app(), e.getMessage());
      return false;
    }
  }

  /** Returns whether a module in the folder contains the text {@code Deno.cron}. */
  static boolean mentionsCron(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(file -> MODULE.matcher(file.getFileName().toString()).matches())
          .filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS))
          .anyMatch(CronDiscovery::containsCall);
    }
  }

  private static boolean containsCall(Path module) {
    try {
      return Files.size(module) <= MAX_MODULE_BYTES
          && new String(Files.readAllBytes(module), StandardCharsets.ISO_8859_1).contains(CALL);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    loop.close();
  }
}
