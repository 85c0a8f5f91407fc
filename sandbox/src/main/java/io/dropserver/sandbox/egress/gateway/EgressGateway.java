package io.dropserver.sandbox.egress.gateway;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * The only way out of all sandboxes. Each appspace has a socket of its own, and is who its socket
 * says. Thread-safe.
 */
public final class EgressGateway implements AutoCloseable {
  /** How exactly time limits are kept. */
  private static final Duration TICK = Duration.ofMillis(250);

  private final Ports ports;
  private final EgressLimits limits;
  private final LookUps lookUps;
  private final Reach reach;
  private final Connections connections;
  private final AppConnection.Gateway shared;
  private final ConcurrentMap<String, EgressAccount> accounts = new ConcurrentHashMap<>();
  private final Thread clock;

  /** What the gateway is wired to. */
  public record Ports(
      Resolver resolver,
      OwnNames own,
      ApprovalRequests approvals,
      Secrets secrets,
      Siblings siblings,
      InstantSource clock) {

    /** Where no appspace reaches another. */
    public Ports(
        Resolver resolver,
        OwnNames own,
        ApprovalRequests approvals,
        Secrets secrets,
        InstantSource clock) {
      this(resolver, own, approvals, secrets, Siblings.NONE, clock);
    }
  }

  /**
   * @param trust PEM files of certificate authorities beside the platform's
   * @throws IllegalArgumentException naming the file that cannot be read
   */
  public EgressGateway(Ports ports, Openings openings, List<Path> trust, EgressLimits limits) {
    this.ports = ports;
    this.limits = limits;
    this.lookUps = new LookUps(ports.resolver());
    this.reach = new Reach(openings, lookUps, ports.own());
    this.connections =
        new Connections(limits.totalConnections(), name -> Optional.ofNullable(accounts.get(name)));
    this.shared =
        new AppConnection.Gateway(
            new Connector(reach, ports.siblings(), TrustedAuthorities.with(trust)),
            ports.secrets(),
            limits,
            ports.clock());
    this.clock = Thread.ofVirtual().name("egress-time-limits").start(this::watch);
  }

  /** Nothing opened, nothing kept: for whoever needs a sandbox and no way out of it. */
  public static EgressGateway closed(InstantSource clock) {
    return new EgressGateway(
        new Ports(Resolver.SYSTEM, OwnNames.NONE, ApprovalRequests.UNHEARD, Secrets.NONE, clock),
        Openings.NONE,
        List.of(),
        EgressLimits.DEFAULT);
  }

  /** The same for the same name; at first it may reach nothing. */
  public EgressAccount account(String appspace) {
    return accounts.computeIfAbsent(
        appspace, name -> new EgressAccount(name, reach, ports, limits, connections));
  }

  /** Whoever was known so far, by name. */
  public List<EgressAccount> accounts() {
    return accounts.values().stream()
        .sorted(Comparator.comparing(EgressAccount::appspace))
        .toList();
  }

  /** Its log and its use are forgotten, its connections closed. */
  public void forget(String appspace) {
    EgressAccount account = accounts.remove(appspace);
    if (account != null) {
      account.close();
      lookUps.forget(appspace);
    }
  }

  /**
   * Serves a sandbox of an appspace until what is returned is closed.
   *
   * @param socket must not exist; in a folder that no sandbox can write
   */
  public Closeable listen(EgressAccount account, Path socket) throws IOException {
    return EgressListener.open(shared, account, socket);
  }

  private void watch() {
    try {
      while (true) {
        Thread.sleep(TICK);
        long now = System.nanoTime();
        accounts.values().forEach(account -> account.expire(now));
      }
    } catch (InterruptedException closed) {
      // The gateway was closed.
    }
  }

  @Override
  public void close() {
    clock.interrupt();
    accounts.values().forEach(EgressAccount::close);
    lookUps.close();
  }
}
