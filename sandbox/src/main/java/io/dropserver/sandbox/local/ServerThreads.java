package io.dropserver.sandbox.local;

import io.dropserver.sandbox.isolation.Scheduling;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.function.ObjIntConsumer;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The server's own threads on a machine with two processors, while several appspaces are not quiet.
 * Those that answer requests then keep to the processor that is kept free: elsewhere they wait
 * until a busy sandbox comes out of the kernel, and the kernel sends them there although another
 * processor is free. Those that compile, collect or write logs leave it to them. Not thread-safe.
 */
final class ServerThreads {
  private static final Logger LOG = LoggerFactory.getLogger(ServerThreads.class);
  private static final Path THREADS = Path.of("/proc/self/task");

  /** As the kernel has them, 15 characters of each: what runs, wakes and polls virtual threads. */
  private static final List<String> ANSWERING =
      List.of("ForkJoinPool-1-", "VirtualThread-u", "MasterPoller", "front-door");

  /** Not the one that launches: a sandbox has what that one has. */
  private static final List<String> WAITING =
      List.of("C1 ", "C2 ", "G1 ", "sandbox-log", "process reaper", "request-log");

  /** Where there are more processors, one of them is too little for all requests. */
  private static final int FEW = 2;

  /** Behind another thread of the server, or of the kernel's, a request waits for as long. */
  private static final Duration SLICE = Duration.ofNanos(100_000);

  private final BitSet all = Scheduling.processors();
  private final int policy = Scheduling.policy();
  private boolean parted;

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
    BitSet first = new BitSet();
    first.set(kept);
    BitSet others = (BitSet) all.clone();
    others.clear(kept);
    each(
        (name, thread) -> {
          if (isOf(ANSWERING, name)) {
            keep(thread, first, Scheduling.USUAL, SLICE);
          } else {
            keep(thread, isOf(WAITING, name) ? others : all, policy, Duration.ZERO);
          }
        });
    return true;
  }

  void join() {
    if (parted) {
      parted = false;
      each((name, thread) -> keep(thread, all, policy, Duration.ZERO));
    }
  }

  private static void keep(int thread, BitSet processors, int policy, Duration slice) {
    Scheduling.keep(thread, processors);
    Scheduling.turns(thread, policy, slice);
  }

  private static boolean isOf(List<String> names, String name) {
    return names.stream().anyMatch(name::startsWith);
  }

  private static void each(ObjIntConsumer<String> action) {
    try (Stream<Path> threads = Files.list(THREADS)) {
      for (Path thread : threads.toList()) {
        int number = Integer.parseInt(thread.getFileName().toString());
        name(thread).ifPresent(name -> action.accept(name, number));
      }
    } catch (IOException e) {
      LOG.debug("threads stay where they are: {}", e.toString());
    }
  }

  /** Empty where it has ended. */
  private static Optional<String> name(Path thread) {
    try {
      return Optional.of(Files.readString(thread.resolve("comm")));
    } catch (IOException ended) {
      return Optional.empty();
    }
  }
}
