package io.dropserver.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Records the steps of a start with the kernel's trace points, which slow it less than {@code
 * strace} does: {@code exec} and {@code listen}. Needs root and tracefs.
 *
 * @param instance a folder of tracefs with buffers of its own
 */
record StartTrace(Path instance) implements AutoCloseable {
  private static final Path TRACEFS = Path.of("/sys/kernel/tracing");
  private static final String DENO_ONLY = "comm == \"deno\"";
  private static final Pattern EVENT =
      Pattern.compile(
          "\\s*.+-\\d+ +\\[\\d+] \\S+ +(?<seconds>\\d+)\\.(?<micros>\\d{6}):"
              + " (?<name>\\w+)\\S* ?(?<detail>.*)");
  private static final Pattern FILE = Pattern.compile("filename=(\\S+)");

  /** One event, with the time of {@link System#nanoTime}. */
  private record Event(long nanos, String name, String detail) {
    boolean executes(String program) {
      Matcher file = FILE.matcher(detail);
      return name.equals("sched_process_exec")
          && file.find()
          && file.group(1).endsWith("/" + program);
    }
  }

  /** Returns empty if the kernel's trace points cannot be used. */
  static Optional<StartTrace> open() {
    try {
      Path instance =
          TRACEFS.resolve("instances/dropserver-bench-" + ProcessHandle.current().pid());
      Files.createDirectory(instance);
      StartTrace trace = new StartTrace(instance);
      trace.write("trace_clock", "mono");
      trace.write("events/sched/sched_process_exec/enable", "1");
      trace.write("events/syscalls/sys_enter_listen/filter", DENO_ONLY);
      trace.write("events/syscalls/sys_enter_listen/enable", "1");
      return Optional.of(trace);
    } catch (IOException e) {
      System.err.println(
          "bench: no phases of the starts, which need root and"
              + " `mount -t tracefs tracefs /sys/kernel/tracing`: "
              + e);
      return Optional.empty();
    }
  }

  /** Forgets the earlier events. */
  void clear() throws IOException {
    write("trace", "");
  }

  /**
   * Adds the phases of a start since the last {@link #clear}, in milliseconds. A phase is absent if
   * its events are.
   *
   * @param began when the request was sent, of {@link System#nanoTime}
   * @param ended when its first byte arrived
   */
  void addPhases(long began, long ended, Map<StartPhase, List<Double>> phases) throws IOException {
    List<Event> events = events().stream().filter(event -> event.nanos() >= began).toList();
    Optional<Long> deno = first(events, event -> event.executes("deno"));
    Optional<Long> command =
        first(events, event -> event.executes("unshare") || event.executes("bwrap"))
            .filter(at -> deno.filter(then -> at < then).isPresent());
    Optional<Long> listening = first(events, event -> event.name().equals("sys_listen"));
    add(phases, StartPhase.SERVER, Optional.of(began), command.or(() -> deno));
    add(phases, StartPhase.MOUNTS, command, deno);
    add(phases, StartPhase.EXEC_TO_LISTENING, deno, listening);
    add(phases, StartPhase.FIRST_BYTE, listening, Optional.of(ended));
  }

  private static void add(
      Map<StartPhase, List<Double>> phases,
      StartPhase phase,
      Optional<Long> from,
      Optional<Long> to) {
    if (from.isPresent() && to.isPresent() && from.get() <= to.get()) {
      phases.computeIfAbsent(phase, _ -> new ArrayList<>()).add((to.get() - from.get()) / 1e6);
    }
  }

  private static Optional<Long> first(List<Event> events, Predicate<Event> wanted) {
    return events.stream().filter(wanted).map(Event::nanos).min(Long::compare);
  }

  private List<Event> events() throws IOException {
    List<Event> events = new ArrayList<>();
    for (String line : Files.readAllLines(instance.resolve("trace"))) {
      Matcher matcher = EVENT.matcher(line);
      if (matcher.matches()) {
        long micros =
            Long.parseLong(matcher.group("seconds")) * 1_000_000
                + Long.parseLong(matcher.group("micros"));
        events.add(new Event(micros * 1_000, matcher.group("name"), matcher.group("detail")));
      }
    }
    return events;
  }

  private void write(String file, String text) throws IOException {
    Files.writeString(instance.resolve(file), text);
  }

  @Override
  public void close() {
    try {
      Files.delete(instance);
    } catch (IOException e) {
      System.err.println("bench: " + e);
    }
  }
}
