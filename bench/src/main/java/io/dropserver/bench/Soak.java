package io.dropserver.bench;

import io.dropserver.bench.Figure.Unit;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Runs hostile appspaces for a long time, and measures the resources that remain when they have
 * stopped.
 */
final class Soak implements Scenario {
  private static final Duration SETTLE = Duration.ofSeconds(90);
  private static final Duration MINUTE = Duration.ofMinutes(1);

  @Override
  public String name() {
    return "soak";
  }

  @Override
  public String question() {
    return "what is left over after --minutes among hostile appspaces?";
  }

  @Override
  public List<Result> run(Workshop workshop) throws IOException, InterruptedException {
    Fleet fleet = Fleet.createHostile(workshop, Neighbours.HOSTILE);
    Path state = workshop.folder("state").resolve("d");
    List<Double> memory = new ArrayList<>();
    Leftovers running;
    Leftovers before;
    try (ServerProcess server = ServerProcess.start(workshop, fleet, state)) {
      SocketAddress front = HttpProbe.loopback(server.port());
      HttpProbe.await(front, Fleet.host(0), 200, Duration.ofMinutes(2));
      server.awaitKnown(Fleet.host(Neighbours.HOSTILE));
      Leftovers rest = Leftovers.of(server.pid(), state);
      // One warm-up, so that resources of the first start are already allocated.
      attack(workshop, server, front, Duration.ofSeconds(20), memory);
      before = Leftovers.settled(server.pid(), state, rest, SETTLE);
      attack(workshop, server, front, MINUTE.multipliedBy(workshop.minutes()), memory);
      running = Leftovers.settled(server.pid(), state, before, SETTLE);
    }
    Leftovers stopped = Leftovers.of(0, state);
    System.err.println("soak: before " + before);
    System.err.println("soak: after  " + running);
    System.err.println("soak: server stopped " + stopped);
    double left = running.moreThan(before) + stopped.all();
    return List.of(
        new Result(
            name(),
            new Figure("dropserver", "left over of all kinds", Unit.PIECES, List.of(left)),
            List.of(),
            "0",
            Optional.of(left == 0)),
        new Result(
            name(),
            new Figure("dropserver", "server during the soak", Unit.MEBIBYTES, memory),
            List.of(),
            "–",
            Optional.empty()));
  }

  private static void attack(
      Workshop workshop,
      ServerProcess server,
      SocketAddress front,
      Duration time,
      List<Double> memory)
      throws IOException, InterruptedException {
    long end = System.nanoTime() + time.toNanos();
    try (HostileClients clients = HostileClients.start(workshop, front, 1, Neighbours.HOSTILE)) {
      clients.awaitSomeDone(Duration.ofMinutes(2));
      while (System.nanoTime() < end) {
        Thread.sleep(Duration.ofSeconds(5));
        memory.add(server.residentMebibytes());
      }
    }
  }
}
