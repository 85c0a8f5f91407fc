package io.dropserver.reconciler.plan;

import static io.dropserver.state.tables.Tables.CLAIMED_GROUP;
import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.control.Membership;
import io.dropserver.schema.instance.Group;
import io.dropserver.schema.instance.Instance;
import io.dropserver.schema.instance.Location;
import io.dropserver.schema.instance.ProviderAccount;
import io.dropserver.schema.instance.User;
import io.dropserver.state.StateDatabase;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClaimedMembersTest {
  private static final String ISSUER = "https://id.test";
  private static final Location AT = new Location("file.yaml", 1, 1);

  private static Instance instance(String... users) {
    Instance any = InstanceGenerators.desired().next(new Random(1)).instance();
    Map<String, User> declared = new TreeMap<>();
    for (String name : users) {
      declared.put(
          name,
          new User(
              name,
              AT,
              name,
              User.Role.MEMBER,
              List.of(ProviderAccount.ofSubject(ISSUER, name)),
              List.of()));
    }
    Group family = new Group("family", AT, List.of(), List.of(new Group.Claim(ISSUER, "/f")));
    return new Instance(
        any.settings(),
        new TreeMap<>(declared),
        new TreeMap<>(Map.of("family", family)),
        any.apps(),
        any.appspaces(),
        any.whitelists(),
        any.secrets(),
        any.labels());
  }

  @Test
  void aPlanListsMembersByClaimsOfItsRevision(@TempDir Path folder) {
    Instant now = Instant.ofEpochMilli(1_000_000);
    try (StateDatabase database =
        StateDatabase.open(folder.resolve("state.db"), Clock.systemUTC())) {
      claim(database, "carol", ISSUER, "/f", 1);
      claim(database, "bob", ISSUER, "/f", 0);
      claim(database, "alice", ISSUER, "/other", 1);
      claim(database, "mallory", "https://evil.test", "/f", 1);
      assertThat(ClaimedMembers.of(instance("alice", "bob", "carol", "mallory"), database, now))
          .containsExactly(Membership.byClaim("family", "carol", ISSUER, now.plusMillis(1)));
      assertThat(ClaimedMembers.of(instance("alice"), database, now)).isEmpty();
    }
  }

  private static void claim(
      StateDatabase database, String user, String issuer, String value, int rest) {
    database.write(
        on ->
            on.insertInto(CLAIMED_GROUP)
                .set(CLAIMED_GROUP.USER_NAME, user)
                .set(CLAIMED_GROUP.ISSUER, issuer)
                .set(CLAIMED_GROUP.VALUE, value)
                .set(CLAIMED_GROUP.UNTIL, 1_000_000L + rest)
                .execute());
  }
}
