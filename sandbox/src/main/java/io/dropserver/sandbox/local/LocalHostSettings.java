package io.dropserver.sandbox.local;

import io.dropserver.sandbox.deno.DenoBinary;
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
 */
public record LocalHostSettings(
    Path runFolder,
    DenoBinary deno,
    Programs programs,
    Set<String> allowWeaker,
    Optional<Path> cgroupParent,
    Duration startTimeout) {

  public static final Duration DEFAULT_START_TIMEOUT = Duration.ofSeconds(15);

  public LocalHostSettings {
    allowWeaker = Set.copyOf(allowWeaker);
  }
}
