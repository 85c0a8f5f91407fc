package io.dropserver.sandbox.local;

import io.dropserver.sandbox.isolation.Scheduling;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The server's own threads on a machine with two processors, while several appspaces are not quiet.
 * Those that answer requests then keep to the processor that is kept free: elsewhere they wait
 * until a busy sandbox comes out of the kernel, and the kernel sends them there although another
 * processor is free. Those that compile, mark what is in use, write logs, or start, end and measure
 * sandboxes leave it to them. Not thread-safe.
 */
final class ServerThreads {
  private static final Logger LOG = LoggerFactory.getLogger(ServerThreads.class);
  private static final Path THREADS = Path.of("/proc/self/task");

  /**
   * As the kernel has them, 15 characters of each: what runs, wakes and polls virtual threads, and
   * what all of them wait for.
   */
  private static final List<String> ANSWERING =
      List.of(
          "ForkJoinPool-1-",
          "VirtualThread-u",
          "MasterPoller",
          "front-door",
          "VM Thread",
          "GC Thread");

  private static final List<String> WAITING =
      List.of(
          "C1 ",
          "C2 ",
          "G1 ",
          "sandbox-launche",
          "sandbox-log",
          "sandbox-end",
          "processor-turns",
          "usage-monitor",
          "process reaper",
          "request-log");

  /** Where there are more processors, one of them is too little for all requests. */
  private static final int FEW = 2;

  /** Behind another thread of the server, or of the kernel's, a request waits for as long. */
  static final Duration SLICE = Duration.ofNanos(100_000);

  private final BitSet all = Scheduling.processors();
  private final int policy = Scheduling.policy();
  private boolean parted;

  /** By their numbers, those that were found while parted. */
  private final Map<Integer, Found> found = new HashMap<>();

  /**
   * @param settled it had this name at two looks: at the first it may not have had it yet
   */
  private record Found(String name, boolean settled) {}

  /**
   * Called again and again while it holds: threads come and go, and begin with what their maker
   * has.
   *
   * @return false where it is not done
   */
  boolean part(int kept) {
    if (all.cardinality() != FEW || !all.get(kept)) {
      return false;
    }
    parted = true;
    List<Integer> live = live();
    found.keySet().retainAll(Set.copyOf(live));
    live.forEach(thread -> look(thread, kept));
    return true;
  }

  private void look(int thread, int kept) {
    @Nullable Found before = found.get(thread);
    if (before != null && before.settled()) {
      return;
    }
    Optional<String> name = name(thread);
    if (name.isPresent()) {
      place(thread, name.get(), kept);
      boolean settled = before != null && before.name().equals(name.get());
      found.put(thread, new Found(name.get(), settled));
    }
  }

  private void place(int thread, String name, int kept) {
    BitSet first = new BitSet();
    first.set(kept);
    BitSet others = (BitSet) all.clone();
    others.clear(kept);
    if (isOf(ANSWERING, name)) {
      keep(thread, first, Scheduling.USUAL, SLICE);
    } else {
      keep(thread, isOf(WAITING, name) ? others : all, policy, Duration.ZERO);
    }
  }

  void join() {
    if (parted) {
      parted = false;
      found.clear();
      live().forEach(thread -> keep(thread, all, policy, Duration.ZERO));
    }
  }

  private static void keep(int thread, BitSet processors, int policy, Duration slice) {
    Scheduling.keep(thread, processors);
    Scheduling.turns(thread, policy, slice);
  }

  private static boolean isOf(List<String> names, String name) {
    return names.stream().anyMatch(name::startsWith);
  }

  private static List<Integer> live() {
    try (Stream<Path> threads = Files.list(THREADS)) {
      return threads.map(thread -> Integer.valueOf(thread.getFileName().toString())).toList();
    } catch (IOException e) {
      LOG.debug("threads stay where they are: {}", e.toString());
      return List.of();
    }
  }

  /** Empty where it has ended. */
  private static Optional<String> name(int thread) {
    try {
      return Optional.of(Files.readString(THREADS.resolve(thread + "/comm")));
    } catch (IOException ended) {
      return Optional.empty();
    }
  }
}
