package io.dropserver.bench;

import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

/**
 * An attack on resources that all appspaces share.
 *
 * @param name label in the table, after the word "beside"
 * @param start starts the attack
 */
record Attack(String name, AttackStarter start) {

  /**
   * Starts an attack on a front door. Attacks from sandboxes run for {@link #LASTS}; client
   * connections stay open until the attack is closed.
   */
  interface AttackStarter {
    RunningAttack against(SocketAddress front) throws IOException;
  }

  /** A running attack. */
  interface RunningAttack extends AutoCloseable {
    /**
     * Returns the number of completed steps, such as connections or requests; 0 if the attack was
     * not carried out.
     */
    long done();

    /** Blocks until the attack runs at full load. The default returns immediately. */
    default void awaitStrength() throws InterruptedException {}

    @Override
    void close();
  }

  /** How long the attack of a sandbox runs, which is longer than a measurement. */
  static final Duration LASTS = Duration.ofSeconds(14);

  /** Number of appspaces that take part, starting at number 1; see {@code GreedyInstance}. */
  static final int APPSPACES = 7;

  private static final int DEAD_DNS_FIRST = 5;
  private static final int DEAD_DNS_LAST = 7;

  private static final String HALF_HEAD = "GET / HTTP/1.1\r\nHost: x";

  /** Returns all attacks that this machine can run. */
  static List<Attack> all(boolean withDeadNameServer, int halfHeads) {
    List<Attack> attacks = new ArrayList<>();
    attacks.add(
        new Attack(
            "16 readers of endless one-byte chunks",
            front ->
                ConnectionLoad.start(
                    front, readers(1, "/chunks", 16, ConnectionLoad.LoadPlan.ALL))));
    attacks.add(
        new Attack(
            "120 egress connections with one-byte bodies", front -> fromSandboxes(front, 3, 3)));
    attacks.add(new Attack("pipelined refused requests", front -> fromSandboxes(front, 4, 4)));
    if (withDeadNameServer) {
      attacks.add(
          new Attack(
              "three appspaces with dead DNS",
              front -> fromSandboxes(front, DEAD_DNS_FIRST, DEAD_DNS_LAST)));
    }
    attacks.add(
        new Attack(
            "60 slow readers at 2 kB/s",
            front -> ConnectionLoad.start(front, readers(2, "/chunks", 60, 2000))));
    attacks.add(
        new Attack(
            String.format("%,d half heads from one address", halfHeads),
            front ->
                ConnectionLoad.start(
                    front, new ConnectionLoad.LoadPlan(halfHeads, HALF_HEAD, 1, 0))));
    return attacks;
  }

  /**
   * Creates readers with one source address each, because the limit per client would otherwise stop
   * the attack.
   */
  private static ConnectionLoad.LoadPlan readers(
      int appspace, String path, int count, int bytesPerSecond) {
    String text = "GET " + path + " HTTP/1.1\r\nHost: " + BenchInstance.host(appspace) + "\r\n\r\n";
    return new ConnectionLoad.LoadPlan(count, text, count, bytesPerSecond);
  }

  /**
   * Starts the attacks of these appspaces from inside their sandboxes. Closing blocks until they
   * have ended.
   */
  private static RunningAttack fromSandboxes(SocketAddress front, int first, int last) {
    AtomicLong done = new AtomicLong();
    List<Thread> requests =
        IntStream.rangeClosed(first, last)
            .mapToObj(
                appspace -> Thread.ofVirtual().start(() -> done.addAndGet(attack(front, appspace))))
            .toList();
    return new RunningAttack() {
      @Override
      public long done() {
        return done.get();
      }

      @Override
      public void close() {
        try {
          for (Thread request : requests) {
            var _ = request.join(OpenLoopClient.TIMEOUT);
          }
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      }
    };
  }

  /** Runs the attack of one app to its end and returns its completed steps; 0 if it failed. */
  private static long attack(SocketAddress front, int appspace) {
    try {
      String path = GreedyInstance.kind(appspace) + "?ms=" + LASTS.toMillis();
      String response = HttpProbe.get(front, BenchInstance.host(appspace), path);
      return Long.parseLong(response.substring(response.lastIndexOf('\n') + 1).strip());
    } catch (IOException | NumberFormatException e) {
      System.err.println("bench: " + BenchInstance.host(appspace) + " did not finish: " + e);
      return 0;
    }
  }
}
