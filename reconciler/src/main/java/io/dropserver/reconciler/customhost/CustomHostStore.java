package io.dropserver.reconciler.customhost;

import static io.dropserver.state.condition.AppspaceReason.TOO_MANY_NEW_HOSTS;
import static io.dropserver.state.tables.Tables.CUSTOM_HOST;

import io.dropserver.reconciler.status.Conditions;
import io.dropserver.schema.instance.Appspace;
import io.dropserver.schema.instance.Appspace.CustomHost;
import io.dropserver.state.StateDatabase;
import io.dropserver.state.condition.Condition;
import io.dropserver.state.condition.ConditionType;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * The results of verifying custom hosts. The time of the last success is stored, so that a restart
 * serves verified hosts immediately; problems are kept in memory. Thread-safe.
 */
public final class CustomHostStore {
  /**
   * The time after the last success for which a host is served although it fails, so that a failure
   * of name servers for some hours does not interrupt its appspace.
   */
  static final Duration GRACE = Duration.ofHours(24);

  private final StateDatabase database;
  private final InstantSource clock;
  private final HostAdmissions admissions;
  private final Map<String, Instant> verified = new ConcurrentHashMap<>();
  private final Map<String, Failure> failures = new ConcurrentHashMap<>();

  private record Failure(HostProblem problem, Instant since) {}

  public CustomHostStore(StateDatabase database, InstantSource clock) {
    this.database = database;
    this.clock = clock;
    this.admissions = new HostAdmissions(database, clock);
    database
        .read(on -> on.selectFrom(CUSTOM_HOST).fetch())
        .forEach(row -> verified.put(row.getHost(), Instant.ofEpochMilli(row.getVerifiedAt())));
  }

  /** Returns the hosts that may be served. */
  Set<String> verified() {
    return verified.keySet().stream().filter(this::isVerified).collect(Collectors.toSet());
  }

  /** Returns whether a host was found to lead here within the last 24 hours. */
  boolean isVerified(String host) {
    return verifiedAt(host).filter(at -> clock.instant().isBefore(at.plus(GRACE))).isPresent();
  }

  Optional<Instant> verifiedAt(String host) {
    return Optional.ofNullable(verified.get(host));
  }

  /**
   * Returns why a host has to wait before it may come into service; empty if it may. A declared
   * host that was in service before never waits, however long it could not be verified.
   */
  Optional<HostAdmissions.Delay> delay(String host, String appspace) {
    return verified.containsKey(host) ? Optional.empty() : admissions.delay(host, appspace);
  }

  void recordSuccess(String host, String appspace) {
    if (!verified.containsKey(host)) {
      admissions.record(host, appspace);
    }
    Instant now = clock.instant();
    long millis = now.toEpochMilli();
    database.write(
        on ->
            on.insertInto(CUSTOM_HOST)
                .set(CUSTOM_HOST.HOST, host)
                .set(CUSTOM_HOST.VERIFIED_AT, millis)
                .onDuplicateKeyUpdate()
                .set(CUSTOM_HOST.VERIFIED_AT, millis)
                .execute());
    verified.put(host, now);
    failures.remove(host);
  }

  void recordFailure(String host, HostProblem problem) {
    Instant now = clock.instant();
    // After a success at a later date, before the date was set back, the day of grace begins now.
    verified.computeIfPresent(host, (_, at) -> at.isAfter(now) ? now : at);
    failures.compute(
        host, (_, before) -> new Failure(problem, before == null ? now : before.since()));
  }

  /** Returns since when a host fails or waits; {@link Instant#MAX} if it does neither. */
  Instant failingSince(String host) {
    return Optional.ofNullable(failures.get(host)).map(Failure::since).orElse(Instant.MAX);
  }

  /**
   * Forgets problems of hosts that are not declared, and what is too old to matter. A verified host
   * that returns within a day is served immediately, because tables are incomplete during a start.
   */
  void prune(Set<String> declared) {
    failures.keySet().retainAll(declared);
    Set<String> expired =
        verified.keySet().stream()
            .filter(host -> !declared.contains(host) && !isVerified(host))
            .collect(Collectors.toSet());
    if (!expired.isEmpty()) {
      database.write(
          on -> on.deleteFrom(CUSTOM_HOST).where(CUSTOM_HOST.HOST.in(expired)).execute());
      verified.keySet().removeAll(expired);
    }
  }

  /** Returns the custom host whose origin the shell's frame shows; empty without a verified one. */
  public Optional<String> primary(Appspace appspace) {
    return appspace.customHostNames().stream().filter(this::isVerified).findFirst();
  }

  /**
   * Returns {@code HostNotVerified}; empty if no host of the appspace failed.
   *
   * @param domain the instance's domain, which also leads to this server
   */
  public Optional<Condition> condition(Appspace appspace, String domain) {
    return condition(appspace.hosts(), domain);
  }

  Optional<Condition> condition(List<CustomHost> hosts, String domain) {
    List<Failure> found = new ArrayList<>();
    List<String> messages = new ArrayList<>();
    for (CustomHost host : hosts) {
      Optional.ofNullable(failures.get(host.name()))
          .ifPresent(
              failure -> {
                found.add(failure);
                messages.add(message(host, failure.problem()));
              });
    }
    boolean waitOnly =
        found.stream().allMatch(failure -> failure.problem().reason() == TOO_MANY_NEW_HOSTS);
    String remedy =
        waitOnly
            ? "The server verifies it then"
            : "Each of these hosts needs a DNS record that leads here: CNAME %s., or A and AAAA with this server's addresses"
                .formatted(domain);
    return found.stream()
        .findFirst()
        .map(
            failure ->
                Conditions.raised(
                    ConditionType.HOST_NOT_VERIFIED,
                    failure.problem().reason(),
                    String.join("; ", messages) + ". " + remedy,
                    failure.since()));
  }

  private String message(CustomHost host, HostProblem problem) {
    return "%s (%s) %s%s"
        .formatted(
            host.name(),
            host.location(),
            problem.message(),
            isVerified(host.name()) ? "; it is served for up to a day" : "");
  }
}
