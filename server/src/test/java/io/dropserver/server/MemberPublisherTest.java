package io.dropserver.server;

import static io.dropserver.state.tables.Tables.CLAIMED_GROUP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dropserver.schema.instance.Appspace.AccessMode;
import io.dropserver.schema.instance.EgressWhitelist.BrowserPolicy;
import io.dropserver.schema.instance.Group;
import io.dropserver.schema.instance.Location;
import io.dropserver.schema.instance.ProviderAccount;
import io.dropserver.state.StateDatabase;
import io.dropserver.state.site.Person;
import io.dropserver.state.site.Site;
import io.dropserver.state.site.SiteTable;
import io.dropserver.web.identity.ClaimedGroups;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MemberPublisherTest {
  private static final String ISSUER = "https://id.test";
  private static final String HOST = "garden.home.test";

  private static SiteTable table(Person... people) {
    Site site =
        new Site(
            "garden",
            HOST,
            AccessMode.MEMBERS,
            List.of(),
            BrowserPolicy.STRICT,
            Duration.ofSeconds(10),
            1 << 20,
            new Site.Serving(),
            Map.of("alice", Set.of()),
            Map.of("family", Set.of("view")),
            "identity",
            "1.0.0",
            "alice",
            List.of());
    Group family =
        new Group(
            "family",
            new Location("family.yaml", 1, 1),
            List.of(),
            List.of(new Group.Claim(ISSUER, "/family")));
    return new SiteTable(
        "home.test",
        Map.of(HOST, site),
        java.util.Arrays.stream(people)
            .collect(java.util.stream.Collectors.toMap(Person::name, person -> person)),
        Map.of("family", family));
  }

  private static Person carol(ProviderAccount... accounts) {
    return new Person("carol", "Carol", false, false, List.of(accounts));
  }

  private static Set<String> members(SiteTable table) {
    return java.util.Objects.requireNonNull(table.sites().get(HOST)).members().keySet();
  }

  @Test
  void aMemberByAClaimLeavesTheTableAfterAnHour(@TempDir Path folder) {
    AtomicLong millis = new AtomicLong(1_000_000);
    AtomicReference<SiteTable> published = new AtomicReference<>(table());
    try (StateDatabase database =
        StateDatabase.open(folder.resolve("state.db"), Clock.systemUTC())) {
      database.write(
          on ->
              on.insertInto(CLAIMED_GROUP)
                  .set(CLAIMED_GROUP.USER_NAME, "carol")
                  .set(CLAIMED_GROUP.ISSUER, ISSUER)
                  .set(CLAIMED_GROUP.VALUE, "/family")
                  .set(CLAIMED_GROUP.UNTIL, millis.get() + ClaimedGroups.LIFETIME.toMillis())
                  .execute());
      ClaimedGroups claimed = new ClaimedGroups(database, () -> Instant.ofEpochMilli(millis.get()));
      try (MemberPublisher publisher =
          new MemberPublisher(claimed, published::set, Duration.ofMillis(10)).start()) {
        publisher.publish(table(carol(ProviderAccount.ofSubject(ISSUER, "1"))));
        assertThat(members(published.get())).as("survives a restart").contains("carol");
        publisher.publish(table(carol()));
        assertThat(members(published.get())).as("without the account").doesNotContain("carol");
        publisher.publish(table(carol(ProviderAccount.ofSubject(ISSUER, "1"))));
        millis.addAndGet(ClaimedGroups.LIFETIME.toMillis());
        await().untilAsserted(() -> assertThat(members(published.get())).containsExactly("alice"));
        int rows = database.read(on -> on.fetchCount(CLAIMED_GROUP));
        assertThat(rows).isZero();
      }
    }
  }
}
