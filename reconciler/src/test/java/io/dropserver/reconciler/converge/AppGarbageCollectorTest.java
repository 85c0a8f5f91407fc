package io.dropserver.reconciler.converge;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.base.concurrent.Timers;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.state.condition.AppReason;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AppGarbageCollectorTest {
  private final Queue<Runnable> due = new ArrayDeque<>();
  private final List<Set<String>> collected = new ArrayList<>();
  private Optional<Set<String>> inUse = Optional.empty();
  private boolean broken;

  private final Timers timers =
      (delay, task) -> {
        assertThat(delay).isEqualTo(AppGarbageCollector.EVERY);
        due.add(task);
        return () -> due.remove(task);
      };

  private int collect(Set<String> contents, Duration grace) {
    assertThat(grace).isEqualTo(AppGarbageCollector.GRACE);
    if (broken) {
      throw new SandboxException(AppReason.INSTALL_FAILED, "the disk is broken");
    }
    collected.add(contents);
    return 1;
  }

  private void anHourPasses() {
    due.remove().run();
  }

  @Test
  void collectionRunsHourlyOnceContentsInUseAreKnown() {
    AppGarbageCollector collection =
        new AppGarbageCollector(this::collect, () -> inUse, timers).start();
    anHourPasses();
    assertThat(collected).as("nothing is known yet").isEmpty();
    inUse = Optional.of(Set.of("one"));
    anHourPasses();
    broken = true;
    anHourPasses();
    broken = false;
    inUse = Optional.of(Set.of("two"));
    anHourPasses();
    assertThat(collected).containsExactly(Set.of("one"), Set.of("two"));
    collection.close();
    assertThat(due).isEmpty();
  }
}
