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
 * The only network access of all sandboxes. Each appspace has its own socket, which identifies it.
 * Thread-safe.
 */
public final class EgressGateway implements AutoCloseable {
  /** How often timeouts are checked. */
  private static final Duration TICK = Duration.ofMillis(250);

  private final Ports ports;
  private final EgressLimits limits;
  private final LookUps lookUps;
  private final Reach reach;
  private final Connections connections;
  private final AppConnection.Gateway shared;
  private final ConcurrentMap<String, EgressAccount> accounts = new ConcurrentHashMap<>();
  private final Thread clock;

  /** The collaborators of the gateway. */
  public record Ports(
      Resolver resolver,
      OwnNames own,
      ApprovalRequests approvals,
      Secrets secrets,
      Siblings siblings,
      InstantSource clock) {

    /** Without access from one appspace to another. */
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
   * @param trust PEM files of certificate authorities that are trusted in addition to the
   *     platform's
   * @throws IllegalArgumentException with the name of a file that cannot be read
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

  /**
   * A gateway without exceptions and without storage, for sandboxes that need no network access.
   */
  public static EgressGateway closed(InstantSource clock) {
    return new EgressGateway(
        new Ports(Resolver.SYSTEM, OwnNames.NONE, ApprovalRequests.UNHEARD, Secrets.NONE, clock),
        Openings.NONE,
        List.of(),
        EgressLimits.DEFAULT);
  }

  /** Always returns the same account for the same name. A new account may not reach anything. */
  public EgressAccount account(String appspace) {
    return accounts.computeIfAbsent(
        appspace, name -> new EgressAccount(name, reach, ports, limits, connections));
  }

  /** All current accounts, sorted by name. */
  public List<EgressAccount> accounts() {
    return accounts.values().stream()
        .sorted(Comparator.comparing(EgressAccount::appspace))
        .toList();
  }

  /** Removes the account with its log and usage, and closes its connections. */
  public void forget(String appspace) {
    EgressAccount account = accounts.remove(appspace);
    if (account != null) {
      account.close();
      lookUps.forget(appspace);
    }
  }

  /**
   * Serves a sandbox of an appspace until the returned object is closed.
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
