package io.dropserver.state.site;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.schema.instance.Appspace.AccessMode;
import io.dropserver.schema.instance.EgressWhitelist.BrowserPolicy;
import io.dropserver.schema.instance.Group;
import io.dropserver.schema.instance.Location;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SiteTableTest {
  private static final Location AT = new Location("groups.yaml", 1, 1);
  private static final Group FAMILY =
      new Group(
          "family",
          AT,
          List.of(new Group.Member(AT, "bob"), new Group.Member(AT, "alice")),
          List.of());

  private static Map<String, Set<String>> members(Map<String, Set<String>> claimed) {
    Site site =
        new Site(
            "garden",
            "garden.home.test",
            AccessMode.MEMBERS,
            List.of(),
            BrowserPolicy.STRICT,
            Duration.ofSeconds(10),
            1 << 20,
            new Site.Serving(),
            Map.of("alice", Set.of("edit", "view"), "bob", Set.of("edit")),
            Map.of("family", Set.of("view"), "undeclared", Set.of("edit")),
            "identity",
            "1.0.0",
            "alice",
            List.of());
    SiteTable table =
        new SiteTable(
            "home.test", Map.of(site.host(), site), Map.of(), Map.of(FAMILY.name(), FAMILY));
    return Objects.requireNonNull(table.withGroupMembers(claimed).sites().get(site.host()))
        .members();
  }

  @Test
  void aMemberHasThePermissionsOfEachEntryThatNamesThem() {
    assertThat(members(Map.of()))
        .isEqualTo(Map.of("alice", Set.of("edit", "view"), "bob", Set.of("edit", "view")));
  }

  @Test
  void aClaimAddsMembersOnlyToGroupsThatTheRevisionDeclares() {
    assertThat(members(Map.of("family", Set.of("carol"), "undeclared", Set.of("mallory"))))
        .containsOnlyKeys("alice", "bob", "carol")
        .containsEntry("carol", Set.of("view"));
  }
}
