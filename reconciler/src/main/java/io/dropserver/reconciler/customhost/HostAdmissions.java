package io.dropserver.reconciler.customhost;

import static io.dropserver.state.tables.Tables.CUSTOM_HOST_ADMISSION;

import io.dropserver.state.StateDatabase;
import io.dropserver.state.condition.AppspaceReason;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Limits how many custom hosts come into service in a week, because each new host causes the order
 * of a certificate, and the rate limits of an authority apply to all hosts of this server. A host
 * counts once a week, also if it leaves the repository and returns: its certificate is kept.
 * Stored, so that a restart does not reset the limit. Confined to the thread of {@link
 * CustomHosts}.
 */
final class HostAdmissions {
  static final Duration PERIOD = Duration.ofDays(7);
  static final int PER_APPSPACE = 16;
  static final int TOTAL = 200;

  private final StateDatabase database;
  private final InstantSource clock;
  private final Map<String, Admission> admitted = new HashMap<>();

  private record Admission(String appspace, Instant at) {
    Admission at(Instant other) {
      return new Admission(appspace, other);
    }
  }

  /**
   * A host that has to wait.
   *
   * @param until the earliest time at which the limit permits the host
   */
  record Delay(Instant until, HostProblem problem) {}

  HostAdmissions(StateDatabase database, InstantSource clock) {
    this.database = database;
    this.clock = clock;
    database
        .read(on -> on.selectFrom(CUSTOM_HOST_ADMISSION).fetch())
        .forEach(
            row ->
                admitted.put(
                    row.getHost(),
                    new Admission(row.getAppspace(), Instant.ofEpochMilli(row.getAdmittedAt()))));
  }

  /** Returns why a host that is not in service has to wait; empty if it may come into service. */
  Optional<Delay> delay(String host, String appspace) {
    prune();
    if (admitted.containsKey(host)) {
      return Optional.empty();
    }
    List<Instant> all = admitted.values().stream().map(Admission::at).sorted().toList();
    List<Instant> own =
        admitted.values().stream()
            .filter(each -> each.appspace().equals(appspace))
            .map(Admission::at)
            .sorted()
            .toList();
    return delay(own, PER_APPSPACE, "of this appspace")
        .or(() -> delay(all, TOTAL, "of all appspaces together"));
  }

  private static Optional<Delay> delay(List<Instant> times, int limit, String whose) {
    if (times.size() < limit) {
      return Optional.empty();
    }
    Instant until = times.get(times.size() - limit).plus(PERIOD);
    String message =
        "waits until %s, because %d new hosts %s came into service within %d days, which is the limit"
            .formatted(until, times.size(), whose, PERIOD.toDays());
    return Optional.of(
        new Delay(until, new HostProblem(AppspaceReason.TOO_MANY_NEW_HOSTS, message)));
  }

  /** Records that a host comes into service, if it does not count already. */
  void record(String host, String appspace) {
    if (admitted.containsKey(host)) {
      return;
    }
    Instant now = clock.instant();
    database.write(
        on ->
            on.insertInto(CUSTOM_HOST_ADMISSION)
                .set(CUSTOM_HOST_ADMISSION.HOST, host)
                .set(CUSTOM_HOST_ADMISSION.APPSPACE, appspace)
                .set(CUSTOM_HOST_ADMISSION.ADMITTED_AT, now.toEpochMilli())
                .onDuplicateKeyUpdate()
                .set(CUSTOM_HOST_ADMISSION.APPSPACE, appspace)
                .set(CUSTOM_HOST_ADMISSION.ADMITTED_AT, now.toEpochMilli())
                .execute());
    admitted.put(host, new Admission(appspace, now));
  }

  private void prune() {
    Instant now = clock.instant();
    Instant oldest = now.minus(PERIOD);
    // A clock that was ahead must not block hosts until the time that it showed.
    admitted.replaceAll((_, each) -> each.at().isAfter(now) ? each.at(now) : each);
    if (admitted.values().removeIf(each -> !each.at().isAfter(oldest))) {
      database.write(
          on ->
              on.deleteFrom(CUSTOM_HOST_ADMISSION)
                  .where(CUSTOM_HOST_ADMISSION.ADMITTED_AT.le(oldest.toEpochMilli()))
                  .execute());
    }
  }
}
