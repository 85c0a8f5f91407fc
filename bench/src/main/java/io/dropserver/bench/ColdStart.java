package io.dropserver.bench;

import io.dropserver.bench.Figure.Unit;
import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Measures the time from a request to the first byte through the front door, in comparison with a
 * plain Deno on a Unix socket.
 */
final class ColdStart implements Scenario {
  private static final double REACH = 1.3;
  private static final int STARTS_PER_ROUND = 3;

  @Override
  public String name() {
    return "cold-start";
  }

  @Override
  public String question() {
    return "how long does the first request to a sleeping appspace take, all layers on?";
  }

  @Override
  public List<Result> run(Workshop workshop) throws IOException, InterruptedException {
    int starts = workshop.rounds() * STARTS_PER_ROUND;
    Fleet fleet = Fleet.createSleepy(workshop, starts + 1);
    List<Double> first = new ArrayList<>();
    List<Double> ours = new ArrayList<>();
    List<Double> bare = new ArrayList<>();
    BareDeno deno = BareDeno.install(workshop, workshop.folder("bare"));
    try (ServerProcess server =
        ServerProcess.start(workshop, fleet, workshop.folder("state").resolve("d"))) {
      SocketAddress front = HttpProbe.loopback(server.port());
      HttpProbe.await(front, Fleet.host(starts), 200, Duration.ofMinutes(2));
      bareStart(deno);
      for (int i = 0; i < starts; i++) {
        first.add(HttpProbe.timeToFirstByte(front, Fleet.host(i)));
      }
      server.awaitAllAsleep(Duration.ofMinutes(2));
      for (int i = 0; i < starts; i++) {
        ours.add(HttpProbe.timeToFirstByte(front, Fleet.host(i)));
        bare.add(bareStart(deno));
      }
    }
    Figure asleep =
        new Figure("dropserver", "cold start, request to first byte", Unit.MILLISECONDS, ours);
    Figure peer = new Figure("bare deno run", "spawn to first byte", Unit.MILLISECONDS, bare);
    Figure ever =
        new Figure("dropserver", "first start ever, its volume is made", Unit.MILLISECONDS, first);
    return List.of(
        new Result(
            name(),
            asleep,
            List.of(peer),
            "≤ 1.3 × bare Deno",
            Optional.of(Result.ratio(asleep, peer) <= REACH)),
        new Result(name(), ever, List.of(), "–", Optional.empty()));
  }

  private static double bareStart(BareDeno deno) throws IOException, InterruptedException {
    try (BareDeno.Running running =
        deno.start(deno.folder().resolve("s" + System.nanoTime() + ".sock"))) {
      return running.firstByteAt();
    }
  }
}
