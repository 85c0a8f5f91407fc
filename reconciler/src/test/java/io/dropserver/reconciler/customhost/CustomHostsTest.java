package io.dropserver.reconciler.customhost;

import static io.dropserver.state.tables.Tables.CUSTOM_HOST_ADMISSION;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dropserver.schema.instance.Appspace.AccessMode;
import io.dropserver.schema.instance.Appspace.CustomHost;
import io.dropserver.schema.instance.EgressWhitelist.BrowserPolicy;
import io.dropserver.schema.instance.Location;
import io.dropserver.state.StateDatabase;
import io.dropserver.state.condition.AppspaceReason;
import io.dropserver.state.condition.Condition;
import io.dropserver.state.site.Site;
import io.dropserver.state.site.SiteTable;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CustomHostsTest {
  private static final String HOST = "wiki.example.net";
  private static final Duration YEARS = Duration.ofDays(3650);
  private static final HostProblem ELSEWHERE =
      new HostProblem(AppspaceReason.LEADS_ELSEWHERE, "is answered by another server");

  @TempDir private Path folder;
  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2026-01-01T00:00:00Z"));
  private final AtomicReference<Set<String>> published = new AtomicReference<>(Set.of());
  private final Map<String, Integer> attempts = new ConcurrentHashMap<>();
  private final Set<String> leadHere = ConcurrentHashMap.newKeySet();
  private StateDatabase database;
  private CustomHosts hosts;
  private CustomHostStore store;

  @BeforeEach
  void open() {
    database = StateDatabase.open(folder.resolve("state.db"), Clock.systemUTC());
    start();
  }

  private void start() {
    store = new CustomHostStore(database, now::get);
    hosts =
        new CustomHosts(
                store,
                host -> {
                  attempts.merge(host, 1, Integer::sum);
                  return leadHere.contains(host) ? Optional.empty() : Optional.of(ELSEWHERE);
                },
                table -> published.set(table.sites().keySet()),
                now::get)
            .start();
  }

  @AfterEach
  void close() {
    hosts.close();
    database.close();
  }

  private static SiteTable table(String... customHosts) {
    return tableOf("wiki", customHosts);
  }

  private static SiteTable tableOf(String appspace, String... customHosts) {
    Site site =
        new Site(
            appspace,
            appspace + ".example.org",
            AccessMode.PUBLIC,
            List.of(),
            BrowserPolicy.STRICT,
            Duration.ofSeconds(1),
            1,
            new Site.Serving(),
            Map.of(),
            Map.of(),
            "id",
            "",
            "alice",
            List.of(customHosts));
    return new SiteTable("example.org", Map.of(site.host(), site), Map.of());
  }

  private void awaitPublished(String host, boolean served) {
    await().until(() -> published.get().contains(host) == served);
  }

  /** Brings as many hosts of one appspace into service as may come within a week. */
  private void useUpTheLimit() {
    for (int i = 0; i < HostAdmissions.PER_APPSPACE; i++) {
      String host = "h" + i + ".example.net";
      leadHere.add(host);
      hosts.publish(table(host));
      awaitPublished(host, true);
      now.updateAndGet(before -> before.plus(Duration.ofHours(1)));
    }
  }

  @Test
  void ofTwoHostsThatWaitTheEarlierGetsThePlaceThatBecomesFree() {
    useUpTheLimit();
    leadHere.addAll(List.of("z.example.net", "a.example.net"));
    hosts.publish(table("z.example.net"));
    await().until(() -> condition("z.example.net").isPresent());
    now.updateAndGet(before -> before.plus(Duration.ofHours(1)));
    hosts.publish(table("a.example.net", "z.example.net"));
    await().until(() -> condition("a.example.net").isPresent());

    now.set(Instant.parse("2026-01-08T00:00:00Z"));
    hosts.publish(table("a.example.net", "z.example.net"));
    awaitPublished("z.example.net", true);
    assertThat(published.get()).doesNotContain("a.example.net");
  }

  /** Each new host causes an order at the authority, whose limits apply to all appspaces. */
  @Test
  void anAppspaceThatChangesItsHostsOftenWaitsAndOthersDoNot() {
    useUpTheLimit();
    leadHere.add(HOST);
    restart(); // does not reset the limit
    hosts.publish(table(HOST));
    await().until(() -> condition(HOST).isPresent());
    assertThat(attempts()).isZero();
    Condition condition = condition(HOST).orElseThrow();
    assertThat(condition.hasReason(AppspaceReason.TOO_MANY_NEW_HOSTS)).isTrue();
    assertThat(condition.message())
        .contains(HOST, "waits until 2026-01-08T00:00:00Z", "16 new hosts of this appspace")
        .doesNotContain("CNAME");
    // A host that counts already, and a host of another appspace.
    hosts.publish(table("h0.example.net", HOST));
    awaitPublished("h0.example.net", true);
    leadHere.add("other.example.net");
    hosts.publish(tableOf("other", "other.example.net"));
    awaitPublished("other.example.net", true);
    assertThat(published.get()).doesNotContain(HOST);

    now.set(Instant.parse("2026-01-08T00:00:00Z"));
    hosts.publish(table(HOST));
    awaitServed(true);
    assertThat(condition(HOST)).isEmpty();
  }

  @Test
  void allAppspacesTogetherWaitAfterTwoHundredNewHosts() {
    HostAdmissions admissions = new HostAdmissions(database, now::get);
    for (int i = 0; i < HostAdmissions.TOTAL; i++) {
      assertThat(admissions.delay("h" + i, "a" + i / 8)).isEmpty();
      admissions.record("h" + i, "a" + i / 8);
    }
    assertThat(admissions.delay("more", "wiki").orElseThrow().problem().message())
        .contains("200 new hosts of all appspaces together");
    now.updateAndGet(before -> before.plus(HostAdmissions.PERIOD));
    assertThat(admissions.delay("more", "wiki")).isEmpty();
    int rows = database.read(on -> on.fetchCount(CUSTOM_HOST_ADMISSION));
    assertThat(rows).isZero();
  }

  @Test
  void aDeclaredHostThatWasInServiceBeforeNeverWaits() {
    store.recordSuccess(HOST, "wiki");
    now.updateAndGet(before -> before.plus(HostAdmissions.PERIOD));
    HostAdmissions admissions = new HostAdmissions(database, now::get);
    for (int i = 0; i < HostAdmissions.TOTAL; i++) {
      admissions.record("h" + i, "a" + i / 8);
    }
    restart(); // the first look at the hosts is before the first table
    assertThat(store.delay("new.example.net", "wiki")).isPresent();
    assertThat(store.delay(HOST, "wiki")).isEmpty();
  }

  @Test
  void aClockThatWasAheadBlocksNoHostForLongerThanTheLimit() {
    HostAdmissions admissions = new HostAdmissions(database, now::get);
    now.updateAndGet(before -> before.plus(Duration.ofDays(365)));
    for (int i = 0; i < HostAdmissions.PER_APPSPACE; i++) {
      admissions.record("h" + i, "wiki");
    }
    now.updateAndGet(before -> before.minus(Duration.ofDays(365)));
    assertThat(admissions.delay("more", "wiki")).isPresent();
    now.updateAndGet(before -> before.plus(HostAdmissions.PERIOD));
    assertThat(admissions.delay("more", "wiki")).isEmpty();
  }

  private Optional<Condition> condition(String host) {
    Location location = new Location("appspaces/wiki.yaml", 5, 3);
    return store.condition(List.of(new CustomHost(location, host)), "example.org");
  }

  private void restart() {
    hosts.close();
    start();
  }

  private void pass(Duration time) {
    now.updateAndGet(before -> before.plus(time));
    hosts.publish(table(HOST));
  }

  private int attempts() {
    return attempts.getOrDefault(HOST, 0);
  }

  /**
   * Waits for attempts and their results. An attempt is counted before its result is recorded, with
   * the time of its end.
   */
  private void awaitAttempts(int count) {
    await().until(() -> attempts() >= count);
    awaitRun();
  }

  /** Waits until a run of the loop has begun: it verifies a new host first. */
  private void awaitRun() {
    String other = "n" + attempts.size() + ".example.net";
    hosts.publish(table(HOST, other));
    await().until(() -> attempts.containsKey(other));
  }

  private void awaitServed(boolean served) {
    await().until(() -> published.get().contains(HOST) == served);
    assertThat(published.get()).contains("wiki.example.org");
  }

  @Test
  void aHostIsServedOnceItLeadsHere() {
    hosts.publish(table(HOST));
    awaitAttempts(1);
    awaitServed(false);
    leadHere.add(HOST);
    pass(Duration.ofMinutes(10));
    awaitServed(true);
    hosts.publish(table());
    awaitServed(false);
  }

  @Test
  void aHostThatFailsIsTriedLessAndLessOften() {
    hosts.publish(table(HOST));
    awaitAttempts(1);
    for (int seconds : new int[] {10, 20, 40, 80, 160, 320, 600, 600}) {
      int before = attempts();
      pass(Duration.ofSeconds(seconds - 1));
      awaitRun();
      awaitRun();
      assertThat(attempts()).as("before " + seconds).isEqualTo(before);
      pass(Duration.ofSeconds(1));
      awaitAttempts(before + 1);
    }
  }

  /** Its name servers may fail for some hours. */
  @Test
  void aHostThatFailsAgainIsServedForADay() {
    leadHere.add(HOST);
    hosts.publish(table(HOST));
    awaitServed(true);
    leadHere.clear();
    pass(Duration.ofHours(7));
    awaitAttempts(2);
    pass(Duration.ofHours(16));
    awaitAttempts(3);
    awaitServed(true);
    pass(Duration.ofHours(1).plusSeconds(1));
    awaitServed(false);
  }

  @Test
  void aVerifiedHostIsServedAfterARestartWithoutAnotherAttempt() {
    leadHere.add(HOST);
    hosts.publish(table(HOST));
    awaitServed(true);
    hosts.close();
    published.set(Set.of());
    leadHere.clear();
    start();
    hosts.publish(table(HOST));
    awaitServed(true);
    assertThat(attempts()).isEqualTo(1);
    hosts.close();
    now.updateAndGet(before -> before.plus(CustomHostStore.GRACE));
    start();
    hosts.publish(table(HOST));
    awaitServed(false);
  }

  @Test
  void aHostThatWasVerifiedAtALaterDateIsVerifiedAgainAndServedForADay() {
    now.updateAndGet(before -> before.plus(YEARS));
    leadHere.add(HOST);
    hosts.publish(table(HOST));
    awaitServed(true);
    leadHere.clear();
    now.updateAndGet(before -> before.minus(YEARS));
    restart();
    hosts.publish(table(HOST));
    awaitAttempts(2);
    for (int i = 3; i < 5; i++) {
      pass(Duration.ofSeconds(i * 10L));
      awaitAttempts(i);
    }
    await().until(() -> condition(HOST).isPresent());
    awaitServed(true);
    pass(CustomHostStore.GRACE.plusSeconds(1));
    awaitServed(false);
  }

  @Test
  void aHostThatFailedAtALaterDateIsTriedAgain() {
    now.updateAndGet(before -> before.plus(YEARS));
    hosts.publish(table(HOST));
    await().until(() -> condition(HOST).isPresent());
    now.updateAndGet(before -> before.minus(YEARS));
    leadHere.add(HOST);
    hosts.publish(table(HOST));
    awaitServed(true);
  }
}
