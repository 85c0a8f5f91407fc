package io.dropserver.reconciler.update;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.egress.gateway.EgressGateway;
import io.dropserver.reconciler.converge.Backoff;
import io.dropserver.schema.instance.FolderTree;
import io.dropserver.schema.instance.Instance;
import io.dropserver.schema.read.InstanceReader;
import io.dropserver.schema.read.ReadOptions;
import io.dropserver.state.StateDatabase;
import io.dropserver.state.condition.Condition;
import io.dropserver.testing.SettableClock;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When the origin of an app is asked. The test calls each run itself and moves the clock. */
class AppUpdatesTest {
  private static final Duration DAY = Duration.ofDays(1);

  @TempDir private Path folder;
  private final SettableClock clock = new SettableClock(Instant.parse("2026-11-30T12:00:00Z"));
  private final EgressGateway egress = EgressGateway.closed(clock);
  private Map<String, String> tags = Map.of();
  private boolean lost;
  private int questions;
  private Instance instance;
  private StateDatabase database;
  private AppUpdates updates;

  @BeforeEach
  void open() throws IOException {
    Path tree = Files.createDirectory(folder.resolve("instance"));
    Files.writeString(
        tree.resolve("instance.yaml"),
        """
        apiVersion: dropserver.io/v1
        kind: Instance
        metadata: {name: tiny}
        spec: {domain: tiny.example}
        ---
        apiVersion: dropserver.io/v1
        kind: App
        metadata: {name: wiki}
        spec:
          follow: {tags: "v*"}
          versions:
            - {version: 1.0.0, source: {git: "https://git.example/wiki", commit: "%s"}}
        """
            .formatted("1".repeat(40)));
    var read =
        new InstanceReader().read(FolderTree.of(tree, path -> false), ReadOptions.WHOLE_REPOSITORY);
    instance = read.instance().orElseThrow(() -> new AssertionError(read.problems().toString()));
    database = StateDatabase.open(folder.resolve("state.db"), clock);
    start();
  }

  /** Starts like a server, with what the database remembers. */
  private void start() {
    PublishedVersions published =
        new PublishedVersions(egress.fetch(), this::tags, () -> URI.create("https://npm.example/"));
    updates =
        new AppUpdates(
            published, Optional.empty(), new UpdateStore(database), new Backoff(() -> 0), clock);
    updates.revisionServed(instance);
  }

  private Map<String, String> tags(String url) throws IOException {
    questions++;
    if (lost) {
      throw new IOException(url + ": the name cannot be resolved");
    }
    return tags;
  }

  @AfterEach
  void close() {
    database.close();
    egress.close();
  }

  /** Runs once, and moves the clock to the next run. */
  private Duration run() {
    Duration wait = updates.run();
    clock.advance(wait);
    return wait;
  }

  private List<Condition> failures() {
    return updates.conditions().ofApp("wiki").stream()
        .filter(condition -> condition.type().equals("UpdateFailed"))
        .toList();
  }

  @Test
  void aLostNetworkIsRetriedWithGrowingDelaysAndNotAfterAWholeInterval() {
    lost = true;
    assertThat(run()).isLessThanOrEqualTo(Duration.ofSeconds(10));
    assertThat(questions).isZero();
    for (long delay : List.of(750, 1_500, 3_000, 6_000)) {
      assertThat(run()).isEqualTo(Duration.ofMillis(delay));
    }
    assertThat(failures())
        .singleElement()
        .satisfies(
            failed -> {
              assertThat(failed.message()).contains("the name cannot be resolved");
              assertThat(failed.since()).isEqualTo(clock.instant().minusMillis(11_250));
            });

    start(); // a restart neither asks early nor begins again with short delays
    clock.set(clock.instant().minusSeconds(1));
    assertThat(run()).isEqualTo(Duration.ofSeconds(1));
    assertThat(questions).isEqualTo(4);
    assertThat(run()).isEqualTo(Duration.ofSeconds(12));
    for (int i = 0; i < 10; i++) {
      assertThat(run()).isLessThanOrEqualTo(Duration.ofMinutes(15));
    }
    assertThat(run()).isEqualTo(Duration.ofMinutes(15));

    lost = false;
    assertThat(run()).isBetween(DAY, DAY.plusHours(1));
    assertThat(failures()).isEmpty();
    lost = true;
    assertThat(run()).as("the delays begin again").isEqualTo(Duration.ofMillis(750));
  }

  @Test
  void aFailureThatTimeDoesNotResolveWaitsForTheIntervalOrAPerson() {
    tags = Map.of("v1.1.0", "2".repeat(40));
    run();
    assertThat(run()).isBetween(DAY, DAY.plusHours(1));
    assertThat(failures())
        .singleElement()
        .satisfies(failed -> assertThat(failed.message()).contains("1.1.0", "repo.write"));
    clock.set(clock.instant().minus(DAY));
    var _ = updates.run();
    assertThat(questions).isEqualTo(1);
    updates.askNow("wiki");
    var _ = updates.run();
    assertThat(questions).isEqualTo(2);
  }

  @Test
  void aQuestionThatWasPlannedAtALaterDateIsAskedWhenTheDateIsCorrected() {
    clock.set(clock.instant().plus(Duration.ofDays(3650)));
    run();
    var _ = updates.run();
    assertThat(questions).isEqualTo(1);
    start();
    clock.set(clock.instant().minus(Duration.ofDays(3650)));
    assertThat(updates.run()).isBetween(DAY, DAY.plusHours(1));
    assertThat(questions).isEqualTo(2);
  }
}
