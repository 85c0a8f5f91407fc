package io.dropserver.sandbox.lifecycle;

import io.dropserver.sandbox.SandboxSpec;
import io.dropserver.state.AtomicFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Remembers in a file which appspaces were used last, so that the right sandboxes wait after a
 * restart of the server. Without the file, or if it is damaged, starts are slower and nothing else
 * changes. Thread-safe.
 */
final class LastUses {
  private static final Logger LOG = LoggerFactory.getLogger(LastUses.class);
  private static final int MAX_NAMES = 100;
  private static final Duration PERIOD = Duration.ofMinutes(1);

  private final Optional<Path> file;
  private final InstantSource clock;

  /** The recorded names with imagined times before the start of this server. */
  private final Map<String, Instant> recorded = new HashMap<>();

  // guarded by this, as is nextRecord
  private List<String> written;
  private Instant nextRecord;

  /**
   * @param file contains one name in a line, the one that was used last first
   */
  LastUses(Optional<Path> file, InstantSource clock) {
    this.file = file;
    this.clock = clock;
    this.written = read(file);
    Instant time = clock.instant();
    this.nextRecord = time.plus(PERIOD);
    for (String name : written) {
      time = time.minusMillis(1);
      recorded.put(name, time);
    }
  }

  private static List<String> read(Optional<Path> file) {
    if (file.isEmpty() || !Files.exists(file.get())) {
      return List.of();
    }
    try {
      return Files.readAllLines(file.get()).stream().limit(MAX_NAMES).toList();
    } catch (IOException unreadable) {
      LOG.warn("{} cannot be read: {}", file.get(), unreadable.toString());
      return List.of();
    }
  }

  /** Returns when the appspace was last used, for an order only. A new one counts as used now. */
  Instant before(SandboxSpec spec) {
    Instant known = recorded.get(spec.appspace());
    if (known != null) {
      return known;
    }
    return Files.exists(spec.dataFolder()) ? Instant.EPOCH : clock.instant();
  }

  /** Writes the file, if it is due and has changed. */
  synchronized void recordWhenDue(Collection<AppspaceSandbox> appspaces) {
    if (!clock.instant().isBefore(nextRecord)) {
      record(appspaces);
    }
  }

  synchronized void record(Collection<AppspaceSandbox> appspaces) {
    nextRecord = clock.instant().plus(PERIOD);
    List<String> names =
        appspaces.stream()
            .map(each -> Map.entry(each.name(), each.status().lastUse()))
            .filter(each -> each.getValue().isAfter(Instant.EPOCH))
            .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
            .limit(MAX_NAMES)
            .map(Map.Entry::getKey)
            .toList();
    if (file.isEmpty() || names.equals(written)) {
      return;
    }
    try {
      AtomicFiles.write(
          file.get(), (String.join("\n", names) + "\n").getBytes(StandardCharsets.UTF_8));
      written = names;
    } catch (IOException e) {
      LOG.warn("{} cannot be written: {}", file.get(), e.toString());
    }
  }
}
