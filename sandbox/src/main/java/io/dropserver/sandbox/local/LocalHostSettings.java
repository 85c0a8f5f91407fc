package io.dropserver.sandbox.local;

import io.dropserver.sandbox.deno.DenoBinary;
import io.dropserver.sandbox.inspector.InspectorTarget;
import io.dropserver.sandbox.isolation.Programs;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * @param runFolder sockets of running sandboxes; owned by this host, emptied when it opens
 * @param allowWeaker names of layers that may be missing, from the host's own configuration
 * @param cgroupParent see {@link io.dropserver.sandbox.isolation.CgroupTree#open}
 * @param startTimeout the time until the app must accept connections on its socket
 * @param inspector where debuggers find the app; empty on every server
 * @param firstWaitingUid the first user of sandboxes that wait for an appspace
 * @param waitingUids the number of these users, to whom no data belongs
 */
public record LocalHostSettings(
    Path runFolder,
    DenoBinary deno,
    Programs programs,
    Set<String> allowWeaker,
    Optional<Path> cgroupParent,
    Duration startTimeout,
    Optional<InspectorTarget> inspector,
    int firstWaitingUid,
    int waitingUids) {

  public static final Duration DEFAULT_START_TIMEOUT = Duration.ofSeconds(15);

  public LocalHostSettings {
    allowWeaker = Set.copyOf(allowWeaker);
  }

  /** Without an inspector and users for waiting sandboxes. */
  public LocalHostSettings(
      Path runFolder,
      DenoBinary deno,
      Programs programs,
      Set<String> allowWeaker,
      Optional<Path> cgroupParent,
      Duration startTimeout) {
    this(
        runFolder, deno, programs, allowWeaker, cgroupParent, startTimeout, Optional.empty(), 0, 0);
  }

  /**
   * Returns these settings for debugging. An app that waits for a debugger may take a day to start.
   */
  public LocalHostSettings withInspector(InspectorTarget target) {
    return new LocalHostSettings(
        runFolder,
        deno,
        programs,
        allowWeaker,
        cgroupParent,
        target.breaksAtStart() ? Duration.ofDays(1) : startTimeout,
        Optional.of(target),
        0,
        0);
  }

  /** Returns these settings with users for sandboxes that wait for an appspace. */
  public LocalHostSettings withWaitingUids(int first, int count) {
    return new LocalHostSettings(
        runFolder,
        deno,
        programs,
        allowWeaker,
        cgroupParent,
        startTimeout,
        inspector,
        first,
        count);
  }
}
