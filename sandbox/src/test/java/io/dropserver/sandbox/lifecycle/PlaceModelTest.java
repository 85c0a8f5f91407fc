package io.dropserver.sandbox.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.sandbox.LeaseCaller;
import io.dropserver.sandbox.LeaseCaller.Kind;
import io.dropserver.sandbox.lifecycle.PlaceModel.App;
import io.dropserver.sandbox.lifecycle.PlaceQueue.Outcome;
import io.dropserver.sandbox.lifecycle.PlaceQueue.Ticket;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Random arrivals of all kinds, sizes and hostile patterns. {@code bin/test sandbox
 * -Dtest=PlaceModelTest -Dhistories=100000} runs more of them.
 */
class PlaceModelTest {
  private static final int HISTORIES = Integer.getInteger("histories", 2000);
  private static final int ARRIVALS = 100_000;
  private static final int END = 900_000;

  @Test
  void eachKindWaitsAtMostAsLongAsThePagePromises() {
    Map<Kind, Long> longest = new EnumMap<>(Kind.class);
    for (int seed = 0; seed < HISTORIES; seed++) {
      try {
        history(new Random(seed)).longest.forEach((kind, ms) -> longest.merge(kind, ms, Math::max));
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("history " + seed + ": " + e.getMessage(), e);
      }
    }
    System.out.printf("%d histories; longest waits in ms: %s%n", HISTORIES, longest);
    assertThat(longest).containsKeys(Kind.MAINTENANCE, Kind.MEMBER, Kind.JOB, Kind.VISITOR);
  }

  /** A job waits for the place of a job, and a member begins to wait after a second job came. */
  @Test
  void aNewRequestOfAHigherKindProlongsNoPlace() {
    PlaceModel model = new PlaceModel(new Random(1), 1, 1);
    App held = model.app(1);
    App wanted = model.app(1);
    model.at(0, () -> model.request(held, LeaseCaller.JOB, END, () -> {}));
    model.at(20_000, () -> model.request(wanted, LeaseCaller.JOB, 1000, () -> {}));
    model.at(50_000, () -> model.request(held, LeaseCaller.JOB, END, () -> {}));
    model.at(60_000, () -> model.request(wanted, LeaseCaller.member("bob"), 1000, () -> {}));
    model.run(END);
    assertThat(model.longest.get(Kind.MEMBER)).isLessThan(35_000);
  }

  /** A member that got a place waits behind the others, until the record of turns is full. */
  @Test
  void theRecordOfTurnsIsBounded() {
    assertThat(firstAfter(PlaceQueue.MAX_WAITING - 1)).isEqualTo("newcomer");
    assertThat(firstAfter(PlaceQueue.MAX_WAITING)).isEqualTo("served");
  }

  /**
   * Returns which of two members gets the place after so many places of another member: {@code
   * served}, which got one before and waits for longer, or {@code newcomer}.
   */
  private static String firstAfter(int places) {
    PlaceQueue queue = new PlaceQueue(new Capacity(1, 1), new VisitorTime());
    Instant start = Instant.EPOCH;
    grant(queue, "served", start);
    for (int count = 0; count < places; count++) {
      grant(queue, "other", start);
    }
    Ticket served = enter(queue, "served", start);
    Ticket newcomer = enter(queue, "newcomer", start.plusMillis(1));
    queue.decide(start.plusMillis(1), List.of());
    assertThat(List.of(served.outcome(), newcomer.outcome()))
        .containsExactlyInAnyOrder(Outcome.GRANTED, Outcome.WAITING);
    return served.outcome() == Outcome.GRANTED ? "served" : "newcomer";
  }

  private static void grant(PlaceQueue queue, String member, Instant now) {
    Ticket ticket = enter(queue, member, now);
    queue.decide(now, List.of());
    assertThat(ticket.outcome()).isEqualTo(Outcome.GRANTED);
    queue.leave(ticket);
  }

  private static Ticket enter(PlaceQueue queue, String member, Instant now) {
    return queue.enter(member, 1, LeaseCaller.member(member), now, () -> false).orElseThrow();
  }

  private static PlaceModel history(Random random) {
    int maxMemory = 4 + random.nextInt(12);
    PlaceModel model = new PlaceModel(random, 1 + random.nextInt(4), maxMemory);
    List<App> apps = new ArrayList<>();
    int count = 2 + random.nextInt(6);
    for (int app = 0; app < count; app++) {
      boolean large = random.nextInt(5) == 0;
      apps.add(model.app(1 + random.nextInt(large ? maxMemory : 1 + maxMemory / 3)));
    }
    if (random.nextBoolean()) {
      attack(model, apps, random);
    }
    int requests = random.nextInt(12);
    for (int request = 0; request < requests; request++) {
      App app = apps.get(random.nextInt(apps.size()));
      LeaseCaller caller = caller(random);
      int duration = duration(random);
      model.at(random.nextInt(ARRIVALS), () -> model.request(app, caller, duration, () -> {}));
    }
    if (random.nextInt(3) == 0) {
      App upgraded = model.app(1 + random.nextInt(maxMemory));
      model.at(random.nextInt(ARRIVALS), () -> model.upgrade(upgraded, () -> {}));
    }
    model.run(END);
    return model;
  }

  private static LeaseCaller caller(Random random) {
    return switch (random.nextInt(3)) {
      case 0 -> LeaseCaller.member("member " + random.nextInt(8));
      case 1 -> LeaseCaller.JOB;
      default -> LeaseCaller.visitor("192.0.2." + random.nextInt(4));
    };
  }

  private static int duration(Random random) {
    return switch (random.nextInt(4)) {
      case 0 -> random.nextInt(100);
      case 1 -> random.nextInt(20_000);
      case 2 -> random.nextInt(120_000);
      default -> END;
    };
  }

  /** Requests without end in several appspaces, each as soon as the last one has ended. */
  private static void attack(PlaceModel model, List<App> apps, Random random) {
    int loops = 1 + random.nextInt(4);
    int duration = List.of(20, 2000, 12_000, END).get(random.nextInt(4));
    int pause = List.of(5, 5, 500).get(random.nextInt(3));
    boolean manyNetworks = random.nextBoolean();
    LeaseCaller insider =
        random.nextInt(4) == 0
            ? LeaseCaller.member("member " + random.nextInt(8))
            : LeaseCaller.JOB;
    boolean inside = random.nextInt(4) == 0;
    for (int loop = 0; loop < loops; loop++) {
      Attacker attacker =
          new Attacker(
              model,
              apps.subList(0, Math.max(1, apps.size() - 1)),
              duration,
              pause,
              manyNetworks,
              inside ? insider : LeaseCaller.visitor("198.51.100.1"),
              random);
      model.at(random.nextInt(1000), attacker::send);
    }
  }

  private record Attacker(
      PlaceModel model,
      List<App> apps,
      int duration,
      int pause,
      boolean manyNetworks,
      LeaseCaller caller,
      Random random) {
    void send() {
      if (model.now() < ARRIVALS) {
        LeaseCaller sender =
            manyNetworks && caller.kind() == Kind.VISITOR
                ? LeaseCaller.visitor("network " + random.nextInt(1 << 16))
                : caller;
        // Short requests would only make the histories long.
        int step = Math.max(pause, duration < 1000 ? 250 : pause);
        model.request(
            apps.get(random.nextInt(apps.size())),
            sender,
            duration,
            () -> model.at(model.now() + step, this::send));
      }
    }
  }
}
