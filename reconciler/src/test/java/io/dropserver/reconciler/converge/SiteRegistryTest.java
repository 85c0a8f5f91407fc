package io.dropserver.reconciler.converge;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.schema.instance.Appspace.AccessMode;
import io.dropserver.schema.instance.EgressWhitelist;
import io.dropserver.schema.instance.EgressWhitelist.BrowserEntries;
import io.dropserver.schema.instance.EgressWhitelist.BrowserEntry;
import io.dropserver.schema.instance.EgressWhitelist.BrowserPolicy;
import io.dropserver.schema.instance.Location;
import io.dropserver.state.site.Site;
import io.dropserver.state.site.SiteTable;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class SiteRegistryTest {
  private static final Location HERE = Location.ofFile("egress/garden.yaml");
  private static final Instant END = Instant.parse("2027-01-31T18:00:00Z");

  private final ManualTimers timers = new ManualTimers();
  private final List<SiteTable> published = new ArrayList<>();
  private Instant now = END.minus(Duration.ofSeconds(90));
  private List<EgressWhitelist> whitelists = List.of(whitelist(Optional.of(END)));
  private final SiteRegistry sites =
      new SiteRegistry(published::add, timers, () -> now, _ -> whitelists);

  private static EgressWhitelist whitelist(Optional<Instant> end) {
    return new EgressWhitelist(
        "garden",
        HERE,
        "garden",
        List.of(),
        List.of(),
        List.of(),
        BrowserPolicy.STRICT,
        new BrowserEntries(
            List.of(
                new BrowserEntry(HERE, "camera", Optional.empty(), end),
                new BrowserEntry(HERE, "eval", Optional.empty(), Optional.empty())),
            List.of(),
            List.of()));
  }

  private void publish() {
    sites.put(
        new Site(
            "garden",
            "garden.home.example",
            AccessMode.PUBLIC,
            List.of(),
            new BrowserPolicy(
                java.util.Set.of(),
                false,
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                new TreeSet<>(List.of("camera"))),
            Duration.ofSeconds(1),
            1,
            new Site.Serving(),
            Map.of(),
            Map.of(),
            "id",
            "1",
            "alice",
            List.of()));
    sites.publish();
  }

  private BrowserPolicy current() {
    return published.getLast().sites().values().iterator().next().browser();
  }

  @Test
  void aBrowserFeatureEndsAtItsTimeWithoutARevision() {
    publish();
    assertThat(current().features()).containsExactly("camera");
    assertThat(timers.delays()).as("the clock may change").containsExactly(Duration.ofMinutes(1));

    now = END.minus(Duration.ofSeconds(30));
    timers.fire();
    assertThat(published).as("nothing has ended").hasSize(1);
    assertThat(timers.delays()).containsExactly(Duration.ofSeconds(30));

    now = END;
    timers.fire();
    assertThat(published).hasSize(2);
    assertThat(current().features()).isEmpty();
    assertThat(current().page()).as("the entry without an end stays").isNotEmpty();
    assertThat(timers.delays()).isEmpty();
  }

  @Test
  void aSiteThatIsPublishedAfterTheEndDoesNotHaveTheFeature() {
    now = END;
    publish();
    assertThat(current().features()).isEmpty();
    assertThat(timers.delays()).isEmpty();
  }

  @Test
  void withoutAnEndNoTimerWaits() {
    whitelists = List.of(whitelist(Optional.empty()));
    publish();
    assertThat(timers.delays()).isEmpty();
    assertThat(Collections.frequency(published, published.getFirst())).isEqualTo(1);
  }
}
