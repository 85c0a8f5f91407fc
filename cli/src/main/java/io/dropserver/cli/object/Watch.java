package io.dropserver.cli.object;

import io.dropserver.control.ObjectStatus;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Polls objects and reports each one whose readiness, reason or message changes.
 *
 * @param objects returns the current objects
 * @param changed receives new and changed objects
 * @param removed receives the last status of objects that no longer exist
 */
record Watch(
    Supplier<List<ObjectStatus>> objects,
    Consumer<List<ObjectStatus>> changed,
    Consumer<ObjectStatus> removed,
    Duration interval) {
  static final Duration INTERVAL = Duration.ofSeconds(1);

  /** The parts of a status whose change is reported; usage changes all the time. */
  private record Seen(ObjectStatus status) {
    boolean differs(ObjectStatus now) {
      return status.ready() != now.ready()
          || !status.reason().equals(now.reason())
          || !status.message().equals(now.message())
          || !status.url().equals(now.url());
    }
  }

  /** Runs until the thread is interrupted or a function throws. */
  void run() {
    Map<String, Seen> before = new HashMap<>();
    repeat(() -> poll(before), interval);
  }

  private void poll(Map<String, Seen> before) {
    List<ObjectStatus> current = objects.get();
    List<ObjectStatus> news =
        current.stream()
            .filter(
                object ->
                    Optional.ofNullable(before.get(key(object)))
                        .map(seen -> seen.differs(object))
                        .orElse(true))
            .toList();
    if (!news.isEmpty()) {
      changed.accept(news);
    }
    Set<String> gone = new HashSet<>(before.keySet());
    current.forEach(object -> gone.remove(key(object)));
    gone.forEach(
        key -> Optional.ofNullable(before.remove(key)).map(Seen::status).ifPresent(removed));
    current.forEach(object -> before.put(key(object), new Seen(object)));
  }

  /** Runs the action in this interval, until the thread is interrupted or the action throws. */
  static void repeat(Runnable action, Duration interval) {
    try {
      while (!Thread.currentThread().isInterrupted()) {
        action.run();
        Thread.sleep(interval);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static String key(ObjectStatus object) {
    return object.kind() + "/" + object.name();
  }
}
